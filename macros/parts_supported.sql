{#
parts_supported(state, k, limit)
state    relation with the arrays sketches, row_counts, parts, holders: one element per part and
         holder, null where the part has no row of the holder
k        people a part needs
limit    largest share of a part's rows one person may hold
returns  boolean: no part has rows of fewer than k people, or too many of one
#}
{%- macro parts_supported(state, k, limit) -%}
not exists (
    select 1
    from
        unnest({{ state }}.sketches, {{ state }}.row_counts, {{ state }}.parts, {{ state }}.holders)
            as cell (sketch, n_rows, part, holder)
    where cell.sketch is not null
    group by cell.part
    having
        {{ people_count('bit_or(cell.sketch)') }} < {{ k }}
        or {{ top_rows('cell.holder', 'cell.n_rows') }} > {{ limit }} * sum(cell.n_rows)
)
{%- endmacro -%}
