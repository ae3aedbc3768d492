{#
top_share(top_rows, n_rows)
top_rows  rows of the fullest holder, as an upper bound
n_rows    exact rows
returns   float8: the largest share that one person may hold; null where nobody's is measured, as in
          a differentially private release
#}
{%- macro top_share(top_rows, n_rows) -%}
{{ 'cast(null as float8)' if is_private() else 'cast(nullif(' ~ top_rows ~ ', 0) / ' ~ n_rows ~ ' as float8)' }}
{%- endmacro -%}
