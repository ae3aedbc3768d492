{#
required_people(k, boundary_targets, target_name)
k                 people that must stand behind a cell on a boundary target; 5 to 64
boundary_targets  names of the targets inside the production boundary
target_name       name of the dbt target
returns           k on a boundary target, else 0, which means: publish native cells as they are
raises            compiler error when k leaves 5 to 64 (a 64-bit sketch certifies no more)
#}
{%- macro required_people(k, boundary_targets, target_name) -%}
{%- if k is not integer or k < 5 or k > 64 -%}
    {{ exceptions.raise_compiler_error(
        "k_anonymity: expected an integer from 5 to 64, got " ~ k ~ "; pass another in --vars"
    ) }}
{%- endif -%}
{{ return(k if target_name in boundary_targets else 0) }}
{%- endmacro -%}
