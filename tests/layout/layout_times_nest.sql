{#
Property: parents are older than their children, and a conversation's updatedAt is its last message.
Reads: the synthetic source tables. Returns: one row per broken rule, counts only.
#}
{{ config(tags=['layout'], enabled=on_generated_tables()) }}

with

spans as (

    select
        "conversationId" as conversation_id,
        min("createdAt") as first_at,
        max("createdAt") as last_at
    from {{ source('chat', 'messages') }}
    group by "conversationId"

),

broken as (

    select
        'conversation_younger_than_first_message' as rule,
        count(*) filter (where conversations."createdAt" > spans.first_at) as n_rows
    from {{ source('chat', 'conversations') }} as conversations
    inner join spans on conversations.id = spans.conversation_id

    union all

    select
        'conversation_not_updated_by_last_message' as rule,
        count(*) filter (where conversations."updatedAt" is distinct from spans.last_at) as n_rows
    from {{ source('chat', 'conversations') }} as conversations
    inner join spans on conversations.id = spans.conversation_id

    union all

    select
        'member_joined_before_account_or_conversation' as rule,
        count(*) filter (
            where members."joinedAt" < greatest(users."createdAt", conversations."createdAt")
        ) as n_rows
    from {{ source('chat', 'conversation_users') }} as members
    inner join {{ source('chat', 'users') }} as users on members."userId" = users.id
    inner join {{ source('chat', 'conversations') }} as conversations
        on members."conversationId" = conversations.id

    union all

    select
        'attachment_older_than_message' as rule,
        count(*) filter (where attachments."createdAt" < messages."createdAt") as n_rows
    from {{ source('chat', 'attachments') }} as attachments
    inner join {{ source('chat', 'messages') }} as messages
        on attachments."messageId" = messages.id

),

final as (

    select * from broken
    where n_rows > 0

)

select * from final
