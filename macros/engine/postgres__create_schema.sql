{#
postgres__create_schema(relation)
relation  any of the schema that is to be there
returns   nothing; dbt calls it in place of its own, before on-run-start
raises    compiler error of assert_boundary or assert_outside, so that a refused build leaves no schema behind
#}
{%- macro postgres__create_schema(relation) -%}
{%- if target.name in var('boundary_targets') -%}
    {%- do assert_boundary(is_told=true) -%}
{%- else -%}
    {%- do assert_outside() -%}
{%- endif -%}
{{ dbt.postgres__create_schema(relation) }}
{%- endmacro -%}
