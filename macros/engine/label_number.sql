{#
label_number(label, relation)
label     text: one of the labels
relation  CTE of one row: labels, text[] sorted by its bytes, collation C
returns   integer: the label's place among them, by binary search, so that no label takes longer than
          another. The blanks before the first label make an array that is not handed on packed,
          which one of fewer than 127 bytes is, to be unpacked for every row
#}
{%- macro label_number(label, relation) -%}
width_bucket(
    {{ label }} collate "C",
    (select repeat(' ', 127) || {{ relation }}.labels from {{ relation }})
) - 1
{%- endmacro -%}
