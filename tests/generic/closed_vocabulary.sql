{#
closed_vocabulary(model, vocabulary)
model       relation with the columns of shape_metrics
vocabulary  relation with vocabulary and label
returns     one row per metric and kind with labels or types outside the vocabulary (OTHER and all
            are inside); n_rows_outside is their number, the text itself is not shown
#}
{% test closed_vocabulary(model, vocabulary) %}

{{ config(fail_calc='coalesce(sum(n_rows_outside), 0)') }}

with

used as (

    select
        entity,
        metric,
        kind,
        regexp_replace(segment, {{ class_pattern() }}, '', 'g') as word
    from {{ model }}

    union all

    select
        entity,
        metric,
        kind,
        label as word
    from {{ model }}
    where kind = 'category' or metric = 'profile_completeness'

)

select
    used.entity,
    used.metric,
    used.kind,
    count(*) as n_rows_outside
from used
where
    used.word not in ('', 'all', 'OTHER')
    and not exists (
        select 1 from {{ vocabulary }} as vocabulary
        where
            vocabulary.label = used.word
            and vocabulary.vocabulary = case
                when used.metric = 'device_mix' then 'device'
                when used.metric = 'profile_completeness' then 'profile_field'
                when used.metric = 'size_mix' then 'size_class'
                when used.entity = 'attachments' then 'attachment_type'
                when used.entity = 'messages' then 'message_type'
                else 'conversation_type'
            end
    )
group by used.entity, used.metric, used.kind

{% endtest %}
