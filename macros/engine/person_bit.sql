{#
person_bit(id)
id       bigint column
returns  bigint: the person's bit of a sketch, see slot_bit; 0 for null
#}
{%- macro person_bit(id) -%}
{{ slot_bit(person_slot(id)) }}
{%- endmacro -%}
