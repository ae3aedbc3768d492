{#
top_share(holder, n_rows)
holder   bigint column: bit of the person whose row it is, 0 or null where nobody's is measured
n_rows   rows of that bit
returns  aggregate over one row per bit, float8: the fullest bit's share of the rows, an upper bound
         of the busiest person's; null where nobody's is measured
#}
{%- macro top_share(holder, n_rows='n_rows') -%}
cast(
    max({{ n_rows }}) filter (where {{ holder }} != 0) / nullif(sum({{ n_rows }}), 0) as float8
)
{%- endmacro -%}
