{#
Property: there are messages, and every reference of the synthetic tables has its row (they may be generated without keys).
Reads: the synthetic source tables. Returns: one row per broken reference, counts only.
#}
{{ config(tags=['layout'], enabled=on_generated_tables()) }}

with

orphans as (

    -- Tables without messages would prove nothing.
    select
        'no_messages' as reference,
        case when exists (select 1 from {{ source('chat', 'messages') }}) then 0 else 1 end
            as n_rows

    union all

    select
        'messages_without_conversation' as reference,
        count(*) as n_rows
    from {{ source('chat', 'messages') }} as messages
    left join {{ source('chat', 'conversations') }} as conversations
        on messages."conversationId" = conversations.id
    where conversations.id is null

    union all

    select
        'members_without_conversation_or_user' as reference,
        count(*) as n_rows
    from {{ source('chat', 'conversation_users') }} as members
    left join {{ source('chat', 'conversations') }} as conversations
        on members."conversationId" = conversations.id
    left join {{ source('chat', 'users') }} as users on members."userId" = users.id
    where conversations.id is null or users.id is null

    union all

    select
        'attachments_without_media_message' as reference,
        count(*) as n_rows
    from {{ source('chat', 'attachments') }} as attachments
    left join {{ source('chat', 'messages') }} as messages
        on attachments."messageId" = messages.id and messages.type != 'TEXT'
    where messages.id is null

    union all

    select
        'receipts_without_message' as reference,
        count(*) as n_rows
    from {{ source('chat', 'message_reads') }} as reads
    left join {{ source('chat', 'messages') }} as messages on reads."messageId" = messages.id
    where messages.id is null

),

final as (

    select * from orphans
    where n_rows > 0

)

select * from final
