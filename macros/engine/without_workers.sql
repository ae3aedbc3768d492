{#
without_workers()
returns  a setting of this transaction: no parallel workers. Where a grouping gives many groups,
         each worker makes most of them, and putting them together costs more than was saved
#}
{%- macro without_workers() -%}
set local max_parallel_workers_per_gather = 0
{%- endmacro -%}
