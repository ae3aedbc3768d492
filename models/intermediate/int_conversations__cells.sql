with

conversations as (

    select * from {{ ref('int_conversations') }}

),

active as (

    select
        *,
        {{ significant('lifetime_seconds') }} as lifetime_kept
    from conversations
    where n_messages > 0

),

final as (

    {{ value_cells(
        'conversations', 'conversations', 'member_count', 'members', 'n_members', 'count',
        'people_sketch', segment='conversation_type', is_by_type=true
    ) }}

    union all

    {{ value_cells(
        'active', 'conversations', 'messages_per_conversation', 'messages', 'n_messages', 'count',
        'people_sketch', segment='conversation_type', is_by_type=true, kept='n_messages'
    ) }}

    union all

    {{ value_cells(
        'active', 'conversations', 'distinct_senders', 'senders', 'n_senders', 'count',
        'senders_sketch'
    ) }}

    union all

    {{ value_cells(
        'active', 'conversations', 'sender_dominance', 'share', 'busiest_share', 'share',
        'busiest_sketch'
    ) }}

    union all

    {{ value_cells(
        'active', 'conversations', 'lifetime', 'seconds', 'lifetime_seconds', 'seconds',
        'senders_sketch', kept='lifetime_kept'
    ) }}

    union all

    {{ value_cells(
        'active', 'conversations', 'recency', 'seconds', 'recency_seconds', 'seconds',
        'senders_sketch'
    ) }}

    union all

    {{ value_cells(
        'active', 'conversations', 'start_position', 'share', 'start_position_share', 'position',
        'senders_sketch'
    ) }}

)

select * from final
