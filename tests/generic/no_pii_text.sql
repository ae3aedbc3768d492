{#
no_pii_text(model, catalogue, vocabulary)
model       relation with the columns of shape_metrics
catalogue   relation with entity, metric, kind and unit
vocabulary  relation with vocabulary and label
returns     one row per text column with values that are no word of ours: not in the catalogue,
            not in the vocabulary, not of the grammar of labels and segments, or with the look of
            an address, a number or a key; n_values is their number, the text itself is not shown
#}
{% test no_pii_text(model, catalogue, vocabulary) %}

{{ config(fail_calc='coalesce(sum(n_values), 0)') }}

with

words as (

    select
        'entity' as column_name,
        entity as word
    from {{ catalogue }}

    union

    select
        'metric' as column_name,
        metric as word
    from {{ catalogue }}

    union

    select
        'kind' as column_name,
        kind as word
    from {{ catalogue }}

    union

    select
        'unit' as column_name,
        unit as word
    from {{ catalogue }}

    union

    select
        text_column.column_name,
        labels.label as word
    from {{ vocabulary }} as labels
    cross join unnest(array['label', 'segment']) as text_column (column_name)

    union

    select
        text_column.column_name,
        'OTHER' as word
    from unnest(array['label', 'segment']) as text_column (column_name)

),

used as (

    select
        text_value.column_name,
        text_value.word
    from {{ model }} as shape
    cross join lateral (
        values
        ('entity', shape.entity),
        ('metric', shape.metric),
        ('kind', shape.kind),
        ('unit', shape.unit),
        ('label', shape.label),
        ('segment', regexp_replace(shape.segment, {{ class_pattern() }}, '', 'g'))
    ) as text_value (column_name, word)
    where text_value.word is not null

),

judged as (

    select
        column_name,
        exists (
            select 1 from words
            where words.column_name = used.column_name and words.word = used.word
        )
        or (column_name = 'segment' and word in ('', 'all'))
        or (column_name = 'label' and word ~ '^(p[0-9]{1,2}|max|mean|top_[0-9]{1,2}|[0-9]{1,3})$')
            as is_ours,
        word ~* '@|https?:|www[.]|[0-9a-f]{8}|[0-9]([ .:/-]?[0-9]){6}|^[A-Z]{2}[0-9]{2}' as is_telling
    from used

)

select
    column_name,
    count(*) as n_values
from judged
where not is_ours or is_telling
group by column_name

{% endtest %}
