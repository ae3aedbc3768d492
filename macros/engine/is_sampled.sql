{#
is_sampled(id, sample)
id       bigint column: a message
sample   CTE of int_messages__sample, read once for the statement
returns  condition: the message is one whose receipts and files are looked at. By a hash of the id,
         so that messages, receipts and files are taken alike before they are joined
#}
{%- macro is_sampled(id, sample) -%}
(hashint8extended({{ id }}, 2) & 1048575) < (select {{ sample }}.sampled_below from {{ sample }})
{%- endmacro -%}
