{#
known_label(label, relation)
label     column holding a label of the source
relation  CTE with one column, label: the vocabulary
returns   text, compared and collated byte by byte (a collation of the source may hold texts equal
          that differ): the label where the vocabulary has it, OTHER where not; null is OTHER.
          The others behind the vocabulary change no answer: an array of fewer than 127 bytes is
          handed on packed, to be unpacked for every row, which takes longer than the search
#}
{%- macro known_label(label, relation) -%}
case
    when
        {{ label }} collate "C" = any((
            select array_agg({{ relation }}.label) || array_fill(cast('OTHER' as text), array[16])
            from {{ relation }}
        )::text[])
        then {{ label }} collate "C"
    else 'OTHER'
end
{%- endmacro -%}
