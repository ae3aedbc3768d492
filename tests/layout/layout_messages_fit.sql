{#
Property: there are messages; each has a type and a body, and is written by an active member who has
joined, in a conversation that is as old, and whose updatedAt is its last message.
One pass over the messages, reduced to pairs of conversation and sender, which decide all of it.
Reads: the synthetic source tables. Returns: one row per broken rule; counts of pairs, or of
conversations.
#}
{{ config(tags=['layout'], enabled=on_generated_tables()) }}

with

pairs as (

    select
        "conversationId" as conversation_id,
        "senderId" as sender_id,
        min("createdAt") as first_at,
        max("createdAt") as last_at,
        count(*) filter (where type is null or content is null) as n_blank
    from {{ source('chat', 'messages') }}
    group by "conversationId", "senderId"

),

senders as (

    select
        count(*) as n_pairs,
        count(*) filter (where pairs.n_blank > 0) as n_blank,
        -- A null on either side is no proof.
        count(*) filter (where (pairs.first_at >= members."joinedAt") is not true) as n_strangers,
        count(*) filter (where members."userId" is not null and members."isActive" is not true)
            as n_inactive
    from pairs
    left join {{ source('chat', 'conversation_users') }} as members
        on
            pairs.conversation_id = members."conversationId"
            and pairs.sender_id = members."userId"

),

spans as (

    select
        conversation_id,
        min(first_at) as first_at,
        max(last_at) as last_at
    from pairs
    group by conversation_id

),

rooms as (

    select
        count(*) filter (where conversations.id is null) as n_absent,
        count(*) filter (where conversations."createdAt" > spans.first_at) as n_younger,
        count(*) filter (
            where conversations.id is not null
            and conversations."updatedAt" is distinct from spans.last_at
        ) as n_stale
    from spans
    left join {{ source('chat', 'conversations') }} as conversations
        on spans.conversation_id = conversations.id

),

final as (

    -- Tables without messages would prove nothing.
    select
        'no_messages' as rule,
        1 as n_rows
    from senders
    where n_pairs = 0

    union all

    select
        'message_without_type_or_body' as rule,
        n_blank as n_rows
    from senders
    where n_blank > 0

    union all

    select
        'sender_is_no_member_yet' as rule,
        n_strangers as n_rows
    from senders
    where n_strangers > 0

    union all

    select
        'sender_is_not_active' as rule,
        n_inactive as n_rows
    from senders
    where n_inactive > 0

    union all

    select
        'messages_without_conversation' as rule,
        n_absent as n_rows
    from rooms
    where n_absent > 0

    union all

    select
        'conversation_younger_than_first_message' as rule,
        n_younger as n_rows
    from rooms
    where n_younger > 0

    union all

    select
        'conversation_not_updated_by_last_message' as rule,
        n_stale as n_rows
    from rooms
    where n_stale > 0

)

select * from final
