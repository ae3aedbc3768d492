{#
cell_holder(bit)
bit      bigint expression: bit of the person whose row it is
returns  the bit inside the boundary, else null, so that rows are not counted by person in vain
#}
{%- macro cell_holder(bit) -%}
{{ bit if is_inside() else 'cast(null as bigint)' }}
{%- endmacro -%}
