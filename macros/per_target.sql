{#
per_target(setting, target_name)
setting      a value, or a mapping of target name to value
target_name  name of the dbt target
returns      the value (not SQL)
raises       compiler error when a mapping lacks the target
#}
{%- macro per_target(setting, target_name) -%}
{%- if setting is not mapping -%}
    {{ return(setting) }}
{%- endif -%}
{%- if target_name not in setting -%}
    {{ exceptions.raise_compiler_error(
        "per_target: expected a value for target " ~ target_name ~ ", got values for "
        ~ (setting | join(', ')) ~ "; pass one in --vars or add it to dbt_project.yml"
    ) }}
{%- endif -%}
{{ return(setting[target_name]) }}
{%- endmacro -%}
