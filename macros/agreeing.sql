{#
agreeing(relation, slot, variance)
relation  CTE name, or subquery, with sweep, cell_number, entity, metric, rows_released and, for
          each slot, margin and number of the metric's cells in the margin: margin_a, n_a
slot      a, b, c or d
variance  column that says how noisy a cell is, where metrics differ in it
returns   a select of relation's columns, rows_released changed as little as can be (least squares)
          so that the metrics with cells in one margin have the same sum there: the mean of their
          sums, weighted by the inverse of their numbers of cells, and of the noise of these; what a
          metric's sum lacks is spread evenly over its cells

Of two metrics with sums 30 (one cell) and 36 (two cells), both get 32: (30 / 1 + 36 / 2) / (1 + 1/2).
#}
{%- macro agreeing(relation, slot, variance=none) -%}
{%- set margin, n = 'margin_' ~ slot, 'n_' ~ slot -%}
{%- set by_noise = ' / ' ~ variance if variance else '' -%}
    select
        sweep,
        cell_number,
        entity,
        metric,
        margin_a,
        margin_b,
        margin_c,
        margin_d,
        n_a,
        n_b,
        n_c,
        n_d,
        {{ variance ~ ',\n        ' if variance }}rows_released + case
            when {{ margin }} is null then 0
            else (
                sum(rows_released / {{ n }}{{ by_noise }}) over (partition by {{ margin }})
                / sum(power({{ n }}, -2){{ by_noise }}) over (partition by {{ margin }})
                - sum(rows_released) over (partition by entity, metric, {{ margin }})
            ) / {{ n }}
        end as rows_released
    from {{ relation }}
{%- endmacro -%}
