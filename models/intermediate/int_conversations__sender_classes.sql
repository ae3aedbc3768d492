{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

conversations as (

    select * from {{ ref('int_conversations') }}
    where n_messages > 0

),

size_classes as (

    select * from {{ ref('int_conversations__size_classes') }}

),

indexed as (

    select
        {{ bucket_index('n_messages', 'size_class') }} as size_index,
        {{ bucket_index('n_senders', 'sender_class') }} as sender_index,
        {{ cell_holder('busiest_sketch', limit) }} as holder,
        busiest_sketch
    from conversations

),

cells as (

    select
        'conversations' as entity,
        'sender_class' as metric,
        size_classes.size_label as segment,
        '' as part,
        indexed.sender_index as bucket_index,
        indexed.holder,
        count(*) as n_rows,
        bit_or(indexed.busiest_sketch) as people_sketch
    from indexed
    inner join size_classes on indexed.size_index = size_classes.size_index
    group by size_classes.size_label, indexed.sender_index, indexed.holder

),

merged as (

    {{ merged_buckets('cells', k, limit) }}

),

-- How many conversations of a size have so many senders is their number minus the others', so
-- classes of senders are merged until none is missing. A size short of people is one class.
grouped as (

    select distinct
        cells.segment as size_label,
        cells.bucket_index as sender_index,
        coalesce(merged.group_index, 0) as group_index
    from cells
    left join merged
        on cells.segment = merged.segment and cells.bucket_index = merged.bucket_index

),

final as (

    select
        size_label,
        sender_index,
        {{ class_label(
            'senders',
            'min(sender_index) over same_class',
            'max(sender_index) over same_class',
            'sender_class'
        ) }} as senders_label
    from grouped
    window same_class as (partition by size_label, group_index)

)

select * from final
