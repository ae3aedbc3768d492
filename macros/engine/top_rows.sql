{#
top_rows(holder, n_rows)
holder   bigint column: bit of the person whose row it is, 0 or null where nobody's is measured
n_rows   rows of that bit
returns  aggregate over one row per bit: rows of the fullest bit, an upper bound of the busiest
         person's; 0 where nobody's is measured
#}
{%- macro top_rows(holder, n_rows='n_rows') -%}
coalesce(max({{ n_rows }}) filter (where {{ holder }} != 0), 0)
{%- endmacro -%}
