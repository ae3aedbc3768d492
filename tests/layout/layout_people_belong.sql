{#
Property: senders and readers are members; nobody writes before joining, nobody reads an own
message or one not yet sent.
Reads: the synthetic source tables. Returns: one row per broken rule, counts only.
#}
{{ config(tags=['layout'], enabled=on_generated_tables()) }}

with

senders as (

    select
        'sender_is_no_member_yet' as rule,
        count(*) as n_rows
    from {{ source('chat', 'messages') }} as messages
    left join {{ source('chat', 'conversation_users') }} as members
        on
            messages."conversationId" = members."conversationId"
            and messages."senderId" = members."userId"
            and messages."createdAt" >= members."joinedAt"
    where members."userId" is null

),

readers as (

    select
        'reader_is_no_other_member_or_too_early' as rule,
        count(*) as n_rows
    from {{ source('chat', 'message_reads') }} as reads
    inner join {{ source('chat', 'messages') }} as messages on reads."messageId" = messages.id
    left join {{ source('chat', 'conversation_users') }} as members
        on
            messages."conversationId" = members."conversationId"
            and reads."userId" = members."userId"
    where
        members."userId" is null
        or reads."userId" = messages."senderId"
        or reads."readAt" < messages."createdAt"

),

final as (

    select * from senders
    where n_rows > 0

    union all

    select * from readers
    where n_rows > 0

)

select * from final
