{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

conversations as (

    select * from {{ ref('int_conversations') }}
    where n_messages > 0

),

cells as (

    select
        'conversations' as entity,
        'size_class' as metric,
        'all' as segment,
        conversation_type as part,
        {{ bucket_index('n_messages', 'size_class') }} as bucket_index,
        {{ cell_holder('busiest_sketch', limit) }} as holder,
        count(*) as n_rows,
        bit_or(senders_sketch) as people_sketch
    from conversations
    group by conversation_type, bucket_index, holder

),

-- How many conversations of a type are in a class can be subtracted from the type and from the
-- class. So classes are merged, for all types alike, until each type has k people in each, or no
-- one.
typed as (

    {{ merged_buckets('cells', k, limit) }}

),

-- Of all types together, classes inside those have k people alone: none is missing.
inner_cells as (

    select
        cells.entity,
        cells.metric,
        cast(typed.group_index as text) as segment,
        'all' as part,
        cells.bucket_index,
        cells.holder,
        cells.n_rows,
        cells.people_sketch
    from cells
    inner join typed using (bucket_index)

),

untyped as (

    {{ merged_buckets('inner_cells', k, limit) }}

),

final as (

    select
        typed.bucket_index as size_index,
        {{ class_label(
            'size',
            'untyped.group_index',
            'max(typed.bucket_index) over (partition by untyped.group_index)',
            'size_class'
        ) }} as size_label,
        {{ class_label(
            'size',
            'typed.group_index',
            'max(typed.bucket_index) over (partition by typed.group_index)',
            'size_class'
        ) }} as typed_size_label
    from typed
    inner join untyped using (bucket_index)

)

select * from final
