{#
kept_gaps(order_by, is_last)
order_by  columns that tell the rows apart
is_last   boolean expression: rows to take from only when the others are used up
returns   bigint: n_gaps of the row without those that are left out, n_hidden of them in all, from
          the fullest rows on
#}
{%- macro kept_gaps(order_by, is_last='false') -%}
cast(n_gaps - least(n_gaps, greatest(0, n_hidden - coalesce(sum(n_gaps) over (
            order by {{ is_last }}, n_gaps desc, {{ order_by }}
            rows between unbounded preceding and 1 preceding
        ), 0))) as bigint)
{%- endmacro -%}
