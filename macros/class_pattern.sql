{#
class_pattern()
returns  text literal: regular expression of one joint part of a segment, such as size_8_12
#}
{%- macro class_pattern() -%}
'[.]?(size|senders|tempo)_[0-9]+([.][0-9]+)?(e[+][0-9]+)?_(inf|[0-9]+([.][0-9]+)?(e[+][0-9]+)?)'
{%- endmacro -%}
