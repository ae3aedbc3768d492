{#
is_supported(n_rows, sketch, top_rows, k, limit)
n_rows    exact rows
sketch    bigint expression: sketch of the people behind them
top_rows  rows of the fullest holder, as an upper bound
k         people that must stand behind a published cell
limit     largest share of its rows that one person may hold
returns   boolean: the cell may be published by itself
#}
{%- macro is_supported(n_rows, sketch, top_rows, k, limit) -%}
({{ people_count(sketch) }} >= {{ k }} and {{ top_rows }} <= {{ limit }} * {{ n_rows }})
{%- endmacro -%}
