{#
second_steps(relation)
relation  CTE of int_second_steps
returns   float8[]: lower edges of the steps but the first, for width_bucket; read once for the
          statement
#}
{%- macro second_steps(relation) -%}
(
    select array_agg(lower_seconds order by step_index) from {{ relation }}
    where step_index > 0
)
{%- endmacro -%}
