{#
Property: every receipt has its message; the reader is another member, and reads after it was sent.
Reduced to pairs of conversation and reader before members are looked up: in the order of the
message ids, which keys and heap have, nothing is hashed but the pairs.
Reads: the synthetic source tables. Returns: one row per broken rule, counts only.
#}
{{ config(tags=['layout'], enabled=on_generated_tables()) }}

with

pairs as (

    select
        messages."conversationId" as conversation_id,
        reads."userId" as reader_id,
        count(*) filter (where messages.id is null) as n_orphans,
        count(messages.id) as n_receipts,
        -- A null on either side is no proof.
        count(messages.id) filter (
            where reads."userId" = messages."senderId"
            or (reads."readAt" >= messages."createdAt") is not true
        ) as n_misplaced
    from {{ source('chat', 'message_reads') }} as reads
    left join {{ source('chat', 'messages') }} as messages on reads."messageId" = messages.id
    group by messages."conversationId", reads."userId"

),

broken as (

    select
        sum(pairs.n_orphans) as n_orphans,
        sum(
            case when members."userId" is null then pairs.n_receipts else pairs.n_misplaced end
        ) as n_misplaced
    from pairs
    left join {{ source('chat', 'conversation_users') }} as members
        on
            pairs.conversation_id = members."conversationId"
            and pairs.reader_id = members."userId"

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
