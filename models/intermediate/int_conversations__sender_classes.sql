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
        {{ bucket_index('n_senders', 'count') }} as bucket_index,
        {{ cell_holder('busiest_sketch', limit) }} as holder,
        senders_sketch,
        busiest_sketch
    from conversations

),

cells as (

    select
        size_classes.size_label,
        size_classes.typed_size_label,
        indexed.sender_index,
        indexed.bucket_index,
        indexed.holder,
        count(*) as n_rows,
        bit_or(indexed.senders_sketch) as senders_sketch,
        bit_or(indexed.busiest_sketch) as busiest_sketch
    from indexed
    inner join size_classes on indexed.size_index = size_classes.size_index
    group by
        size_classes.size_label,
        size_classes.typed_size_label,
        indexed.sender_index,
        indexed.bucket_index,
        indexed.holder

),

-- How many conversations have so many senders is published of all sizes together, and by type of
-- the types' classes of sizes. A size may tell no more of it than leaves k people in the others: so
-- its classes of senders end where buckets end that nest in those.
nesting as (

    {% for level in ('all', 'typed_size_label', 'size_label') -%}
    {%- if not loop.first %}
    union all

    {% endif -%}
    select
        'conversations' as entity,
        '{{ 'senders_by_size' if loop.last else 'distinct_senders' }}' as metric,
        {{ "'all'" if loop.first else level }} as segment,
        {{ ('typed_size_label', 'size_label', "'rest'")[loop.index0] }} as part,
        cast(sender_index as text) as cut,
        bucket_index,
        holder,
        n_rows,
        senders_sketch as people_sketch
    from cells
    {% endfor %}
),

nested as (

    {{ nested_buckets('nesting', k, limit) }}

),

spans as (

    select
        cells.size_label,
        nested.group_index,
        min(cells.sender_index) as first_index,
        max(cells.sender_index) as last_index
    from cells
    inner join nested
        on
            cells.size_label = nested.segment
            and cells.bucket_index = nested.bucket_index
            and nested.metric = 'senders_by_size'
    group by cells.size_label, nested.group_index

),

classes as (

    select distinct
        size_label,
        sender_index
    from cells

),

-- A class of senders that shares a bucket with one before it is in one block with it.
blocks as (

    select
        size_label,
        sender_index,
        max(sender_index) filter (where is_first) over (
            partition by size_label order by sender_index
        ) as block_index
    from (
        select
            classes.size_label,
            classes.sender_index,
            count(spans.group_index) = 0 as is_first
        from classes
        left join spans
            on
                classes.size_label = spans.size_label
                and classes.sender_index > spans.first_index
                and classes.sender_index <= spans.last_index
        group by classes.size_label, classes.sender_index
    ) as marked

),

block_cells as (

    select
        'conversations' as entity,
        'sender_class' as metric,
        cells.size_label as segment,
        '' as part,
        blocks.block_index as bucket_index,
        cells.holder,
        cells.n_rows,
        cells.busiest_sketch as people_sketch
    from cells
    inner join blocks using (size_label, sender_index)

),

merged as (

    {{ merged_buckets('block_cells', k, limit) }}

),

-- How many conversations of a size have so many senders is their number minus the others', so
-- blocks are merged until none is missing. A size short of people is one class.
grouped as (

    select
        blocks.size_label,
        blocks.sender_index,
        coalesce(merged.group_index, 0) as group_index
    from blocks
    left join merged
        on blocks.size_label = merged.segment and blocks.block_index = merged.bucket_index

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
