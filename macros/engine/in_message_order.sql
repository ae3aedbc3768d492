{#
in_message_order()
returns  a setting of this transaction: messages are joined by sorting both sides by id, which ids
         given in the order of time have behind them already. A hash of millions of messages
         misses the processor's caches row by row, and would be sorted afterwards anyway
#}
{%- macro in_message_order() -%}
set local enable_hashjoin = off
{%- endmacro -%}
