{#
is_supported(n_rows, sketch, top_rows, k, limit)
n_rows    exact rows
sketch    bigint expression: sketch of the people behind them
top_rows  rows of the fullest holder, as an upper bound
k         people that must stand behind a published cell
limit     largest share of its rows that one person may hold
returns   boolean: the cell may be published by itself

At k = 20 and a limit of 0.8 a cell of 100 rows, 25 people and 81 top_rows is not supported.

In a differentially private release n_rows are noisy, top_rows the variance of their noise, and
sketch says nothing: a cell is published where it has k rows and stands out of its noise by four
deviations, as hardly one of thousands of empty cells does. That makes figures worth reading; people
are protected by the noise alone.
#}
{%- macro is_supported(n_rows, sketch, top_rows, k, limit) -%}
{%- if is_private() -%}
({{ n_rows }} >= {{ k }} and {{ n_rows }} >= 4 * sqrt({{ top_rows }}))
{%- else -%}
({{ people_count(sketch) }} >= {{ k }} and {{ top_rows }} <= {{ limit }} * {{ n_rows }})
{%- endif -%}
{%- endmacro -%}
