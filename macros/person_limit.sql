{#
person_limit(limit, boundary_targets, target_name)
limit             largest share of a cell's rows one person may hold on a boundary target; above
                  0.5, up to 1, which means: no limit
boundary_targets  names of the targets inside the production boundary
target_name       name of the dbt target
returns           limit on a boundary target, else 1
raises            compiler error when limit leaves (0.5, 1]
#}
{%- macro person_limit(limit, boundary_targets, target_name) -%}
{%- if limit is not number or limit <= 0.5 or limit > 1 -%}
    {{ exceptions.raise_compiler_error(
        "dominance_limit: expected a number above 0.5, up to 1, got " ~ limit
        ~ "; pass another in --vars"
    ) }}
{%- endif -%}
{{ return(limit if target_name in boundary_targets else 1) }}
{%- endmacro -%}
