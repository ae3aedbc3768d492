{#
by_hash()
returns  settings of this transaction: relations are joined and grouped by hash wherever they can be.
         The planner knows nothing of what a long chain of subqueries gives, or a table made a moment
         ago: it takes thousands of rows for a few and loops over them, or a few groups for as many
         as there are rows and sorts
#}
{%- macro by_hash() -%}
select
    set_config('enable_nestloop', 'off', true) as enable_nestloop,
    set_config('enable_sort', 'off', true) as enable_sort
{%- endmacro -%}
