{#- Classes may not depend on exact support where the release is differentially private. -#}
{%- set k = 0 if is_private() else required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

conversations as (

    select
        *,
        {{ bucket_index('n_messages', 'size_class') }} as size_index,
        {{ bucket_index('n_senders', 'sender_class') }} as sender_index
    from {{ ref('int_conversations') }}
    where n_messages > 0

),

gaps as (

    select * from {{ ref('int_conversations__gaps') }}

),

size_classes as (

    select * from {{ ref('int_conversations__size_classes') }}

),

sized as (

    select
        conversations.conversation_id,
        conversations.conversation_type,
        conversations.n_members,
        conversations.n_senders,
        conversations.sender_index,
        conversations.busiest_share,
        conversations.people_sketch,
        conversations.senders_sketch,
        conversations.busiest_sketch,
        untyped.size_label,
        conversations.conversation_type || '.' || typed.size_label as typed_label
    from conversations
    left join size_classes as untyped
        on
            conversations.size_index = untyped.size_index
            and untyped.conversation_type = 'all'
    left join size_classes as typed
        on
            conversations.size_index = typed.size_index
            and conversations.conversation_type = typed.conversation_type

),

-- Gaps of a sample of conversations: their sizes are those of what was looked at.
joined as (

    select
        sized.*,
        gaps.tempo_index,
        gaps.tempo_seconds,
        gaps.burstiness,
        gaps.people_sketch as gap_sketch
    from sized
    left join gaps on sized.conversation_id = gaps.conversation_id

),

counted as (

    {{ cells(
        'joined', 'conversations', 'sender_class', 'busiest_sketch', segment='size_label',
        value='n_senders', grid='sender_class', holder=cell_holder('busiest_sketch')
    ) }}

    union all

    {{ cells(
        'joined', 'conversations', 'tempo_class', 'gap_sketch', segment='size_label',
        value='tempo_seconds', grid='tempo_class', holder=cell_holder('busiest_sketch')
    ) }}

),

class_cells as (

    {{ summed_cells('counted') }}

),

series as (

    select
        metric || ' ' || segment as series,
        *
    from class_cells

),

grouped as (

    {{ grouped_buckets('series', k, limit) }}

),

final as (

    select
        joined.*,
        joined.size_label || '.' || {{ class_label(
            'senders', 'senders.group_index', 'senders.last_index', 'sender_class'
        ) }} as senders_label,
        joined.size_label || '.' || {{ class_label(
            'tempo', 'tempo.group_index', 'tempo.last_index', 'tempo_class'
        ) }} as tempo_label
    from joined
    left join grouped as senders
        on
            'sender_class ' || joined.size_label = senders.series
            and joined.sender_index = senders.bucket_index
    left join grouped as tempo
        on
            'tempo_class ' || joined.size_label = tempo.series
            and joined.tempo_index = tempo.bucket_index

)

select * from final
