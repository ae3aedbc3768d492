{#
slot_bit(slot)
slot     integer 0 to 63, as person_slot makes it
returns  bigint with that one of its 64 bits set; 0 for null. bit_or over rows is a sketch of the
         people behind them: parallel-safe, mergeable, and its number of set bits never exceeds
         the number of people
#}
{%- macro slot_bit(slot) -%}
coalesce(cast(1 as bigint) << {{ slot }}, 0)
{%- endmacro -%}
