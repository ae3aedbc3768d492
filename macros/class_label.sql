{#
class_label(dimension, first_index, last_index, grid)
dimension    size, senders or tempo
first_index  integer column: index of the class's first bucket
last_index   integer column: index of its last bucket
grid         name of a grid
returns      text such as size_8_12; edges have six significant digits, the open one is inf
#}
{%- macro class_label(dimension, first_index, last_index, grid) -%}
{%- set texts = [] -%}
{%- for edge in bucket_edges(grid) -%}{%- do texts.append('%.6g' | format(edge | float)) -%}{%- endfor -%}
{%- set labels = "cast('{" ~ (texts | join(',')) ~ "}' as text[])" -%}
'{{ dimension }}_' || ({{ labels }})[{{ first_index }}] || '_' || ({{ labels }})[{{ last_index }} + 1]
{%- endmacro -%}
