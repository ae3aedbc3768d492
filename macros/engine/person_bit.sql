{#
person_bit(id)
id       bigint column
returns  bigint with one of its 64 bits set by a hash of the id; 0 for null. bit_or over rows is a
         sketch of the people behind them: parallel-safe, mergeable, and its number of set bits
         never exceeds the number of people
#}
{%- macro person_bit(id) -%}
coalesce(cast(1 as bigint) << {{ person_slot(id) }}, 0)
{%- endmacro -%}
