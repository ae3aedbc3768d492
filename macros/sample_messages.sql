{#
sample_messages(name)
name     var that says above how many messages a sample is looked at
returns  the var; in a differentially private release more than there can be, since a rate that
         follows the number of messages would let one person change which others are looked at
#}
{%- macro sample_messages(name) -%}
{{ return('9223372036854775807' if is_private() else var(name)) }}
{%- endmacro -%}
