{#
Property: every receipt has its message; the reader is another member, and reads after it was sent.
Reads: the synthetic source tables. Returns: one row per broken rule, counts only.
#}
{{ config(tags=['layout'], enabled=on_generated_tables()) }}

with

broken as (

    select
        count(*) filter (where messages.id is null) as n_orphans,
        count(*) filter (where messages.id is not null) as n_misplaced
    from {{ source('chat', 'message_reads') }} as reads
    left join {{ source('chat', 'messages') }} as messages on reads."messageId" = messages.id
    left join {{ source('chat', 'conversation_users') }} as members
        on
            messages."conversationId" = members."conversationId"
            and reads."userId" = members."userId"
    where
        messages.id is null
        or members."userId" is null
        or reads."userId" = messages."senderId"
        or (reads."readAt" >= messages."createdAt") is not true

),

final as (

    select
        'receipts_without_message' as rule,
        n_orphans as n_rows
    from broken
    where n_orphans > 0

    union all

    select
        'reader_is_no_other_member_or_too_early' as rule,
        n_misplaced as n_rows
    from broken
    where n_misplaced > 0

)

select * from final
