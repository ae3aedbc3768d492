{#
known_label(label, relation)
label     column holding a label of the source
relation  CTE with one column, label: the vocabulary
returns   text: the label where the vocabulary has it, OTHER where not; null is OTHER
#}
{%- macro known_label(label, relation) -%}
case
    when {{ label }} = any((select array_agg({{ relation }}.label) from {{ relation }})::text[])
        then {{ label }}
    else 'OTHER'
end
{%- endmacro -%}
