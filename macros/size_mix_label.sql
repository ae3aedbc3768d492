{#
size_mix_label(n_members)
n_members  number of members of a conversation
returns    text: its class in size_mix
#}
{%- macro size_mix_label(n_members) -%}
case
    when {{ n_members }} <= 2 then 'one_to_one'
    when {{ n_members }} <= 20 then 'small_group'
    else 'large_group'
end
{%- endmacro -%}
