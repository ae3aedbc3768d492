{#
label_number(label, labels)
label    text: one of the labels
labels   text[], sorted by its bytes: collation C
returns  integer: the label's place among them, by binary search and so for every label in the same
         time; a search from the first on asks anew what type it compares
#}
{%- macro label_number(label, labels) -%}
width_bucket({{ label }} collate "C", {{ labels }})
{%- endmacro -%}
