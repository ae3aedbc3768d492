{#
person_slot(id)
id       bigint column
returns  integer 0 to 63: the bit of a 64-bit sketch that stands for the person; null for null
#}
{%- macro person_slot(id) -%}
cast(hashint8extended({{ id }}, 0) & 63 as integer)
{%- endmacro -%}
