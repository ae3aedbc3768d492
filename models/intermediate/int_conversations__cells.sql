{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

conversations as (

    select * from {{ ref('int_conversations') }}

),

size_classes as (

    select * from {{ ref('int_conversations__size_classes') }}

),

sender_classes as (

    select * from {{ ref('int_conversations__sender_classes') }}

),

sized as (

    {{ sized_conversations('conversations', 'size_classes', 'sender_classes') }}

),

-- The joint metrics' segments, which share their conversations with the metrics here.
labelled as (

    select
        *,
        {{ size_mix_label('n_members') }} as size_mix_label,
        {{ class_label('senders', 'sender_index', 'sender_index', 'sender_class') }}
            as native_senders_label
    from (
        select
            *,
            {{ bucket_index('n_senders', 'sender_class') }} as sender_index
        from sized
    ) as indexed

),

active as (

    select * from labelled
    where n_messages > 0

),

final as (

    {{ value_cells(
        'labelled', 'conversations', 'member_count', 'members', 'n_members', 'count',
        'people_sketch', segment='conversation_type', is_by_type=true,
        part='typed_label', cut='size_mix_label',
        holder=cell_holder('busiest_sketch', limit)
    ) }}

    union all

    {{ value_cells(
        'active', 'conversations', 'messages_per_conversation', 'messages', 'n_messages', 'size',
        'people_sketch', segment='conversation_type', is_by_type=true,
        cut="typed_size_label || ' ' || size_label || ' ' || (n_messages >= 2) || (n_messages >= 5)"
        ~ " || (n_messages >= " ~ var('heavy_conversation_messages') ~ ')',
        holder=cell_holder('busiest_sketch', limit)
    ) }}

    union all

    {{ value_cells(
        'active', 'conversations', 'distinct_senders', 'senders', 'n_senders', 'count',
        'senders_sketch', part='typed_size_label', cut='native_senders_label',
        holder=cell_holder('busiest_sketch', limit)
    ) }}

    union all

    -- Not published: in each of its classes of sizes the types' buckets nest.
    {{ value_cells(
        'active', 'conversations', 'distinct_senders', 'senders', 'n_senders', 'count',
        'senders_sketch', segment='typed_size_label', part='typed_label',
        holder=cell_holder('busiest_sketch', limit)
    ) }}

    union all

    {{ value_cells(
        'active', 'conversations', 'sender_dominance', 'share', 'busiest_share', 'share',
        'busiest_sketch', part="size_label || '.' || senders_label",
        holder=cell_holder('busiest_sketch', limit)
    ) }}

    union all

    {{ value_cells(
        'active', 'conversations', 'lifetime', 'seconds', 'lifetime_seconds', 'seconds',
        'senders_sketch',
        holder=cell_holder('busiest_sketch', limit)
    ) }}

    union all

    {{ value_cells(
        'active', 'conversations', 'recency', 'seconds', 'recency_seconds', 'seconds',
        'senders_sketch',
        holder=cell_holder('busiest_sketch', limit)
    ) }}

    union all

    {{ value_cells(
        'active', 'conversations', 'start_position', 'share', 'start_position_share', 'position',
        'senders_sketch',
        holder=cell_holder('busiest_sketch', limit)
    ) }}

)

select * from final
