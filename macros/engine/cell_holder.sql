{#
cell_holder(bit, limit)
bit      bigint expression: bit of the person whose row it is
limit    largest share of a cell's rows one person may hold
returns  the bit where there is a limit to keep, else null, so that rows are not told apart for it
#}
{%- macro cell_holder(bit, limit) -%}
{{ bit if limit < 1 else 'cast(null as bigint)' }}
{%- endmacro -%}
