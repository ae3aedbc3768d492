{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

users as (

    select * from {{ ref('int_users') }}

),

conversations as (

    select * from {{ ref('int_conversations') }}

),

lengths as (

    select * from {{ ref('int_messages__length_buckets') }}

),

files as (

    select * from {{ ref('int_attachments__files') }}

),

counts as (

    select
        'users' as entity,
        'device_mix' as metric,
        device_label as label,
        cast(null as bigint) as holder,
        count(*) as n_rows,
        bit_or(person_bit) as people_sketch
    from users
    where device_label is not null
    group by device_label

    union all

    select
        'conversations' as entity,
        'type_distribution' as metric,
        conversation_type as label,
        {{ cell_holder('busiest_sketch', limit) }} as holder,
        count(*) as n_rows,
        bit_or(people_sketch) as people_sketch
    from conversations
    group by conversation_type, holder

    union all

    select
        'conversations' as entity,
        'size_mix' as metric,
        {{ size_mix_label('n_members') }} as label,
        {{ cell_holder('busiest_sketch', limit) }} as holder,
        count(*) as n_rows,
        bit_or(people_sketch) as people_sketch
    from conversations
    group by
        {{ size_mix_label('n_members') }},
        holder

    union all

    select
        'messages' as entity,
        'type_distribution' as metric,
        message_type as label,
        holder,
        sum(n_messages) as n_rows,
        bit_or(people_sketch) as people_sketch
    from lengths
    group by message_type, holder

    union all

    select
        'attachments' as entity,
        'type_distribution' as metric,
        attachment_type as label,
        holder,
        sum(n_attachments) as n_rows,
        bit_or(people_sketch) as people_sketch
    from files
    group by attachment_type, holder

),

labels as (

    {{ published_labels('counts', k, limit, ['entity', 'metric']) }}

),

held as (

    select
        counts.entity,
        counts.metric,
        labels.published_label as label,
        counts.holder,
        cast(sum(counts.n_rows) as bigint) as n_rows,
        bit_or(counts.people_sketch) as people_sketch
    from counts
    inner join labels
        on
            counts.entity = labels.entity
            and counts.metric = labels.metric
            and counts.label = labels.label
    group by counts.entity, counts.metric, labels.published_label, counts.holder

),

folded as (

    select
        entity,
        metric,
        label,
        cast(sum(n_rows) as bigint) as n_rows,
        {{ people_count('bit_or(people_sketch)') }} as n_people,
        {{ top_share('holder') }} as top_share
    from held
    group by entity, metric, label

),

-- A label that folds into nothing below the limit leaves the metric unsaid: the others would
-- show it.
checked as (

    select
        *,
        bool_and(coalesce(top_share, 0) <= {{ limit }}) over (
            partition by entity, metric
        ) as is_within_limit
    from folded

),

final as (

    select
        entity,
        metric,
        'all' as segment,
        'category' as kind,
        label,
        cast(null as float8) as bucket_lower,
        cast(null as float8) as bucket_upper,
        cast(n_rows / sum(n_rows) over (partition by entity, metric) as float8) as value,
        'share' as unit,
        n_rows,
        n_people,
        top_share,
        false as is_suppressed
    from checked
    where n_people >= {{ k }} and is_within_limit

)

select * from final
