-- name: generated_readers
-- params: none
-- returns: n_readers, n_others bigint: one row per message that somebody read
with

members as (

    select
        "conversationId" as conversation_id,
        count(*) as n_members
    from perf_synthetic.conversation_users
    group by "conversationId"

),

receipts as (

    select
        "messageId" as message_id,
        count(distinct "userId") as n_readers
    from perf_synthetic.message_reads
    group by "messageId"

)

select
    receipts.n_readers,
    members.n_members - 1 as n_others
from receipts
inner join perf_synthetic.messages as messages on receipts.message_id = messages.id
inner join members on messages."conversationId" = members.conversation_id
