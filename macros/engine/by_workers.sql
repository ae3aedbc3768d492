{#
by_workers()
returns  a setting of this transaction: rows are read and computed by parallel workers, as many as
         the session may have, although they are all handed on. The planner takes the handing over
         for dearer than what is computed
#}
{%- macro by_workers() -%}
set local parallel_tuple_cost = 0
{%- endmacro -%}
