-- name: check_receipts
-- params: none
-- returns: check_name text, n_bad bigint: a reader is a member, not the sender, and comes after
select
    'receipts are by other members, after the message' as check_name,
    count(*) as n_bad
from {schema}.message_reads as reads
left join {schema}.messages as messages on reads."messageId" = messages.id
left join {schema}.conversation_users as members
    on
        messages."conversationId" = members."conversationId"
        and reads."userId" = members."userId"
where
    members."userId" is null
    or reads."userId" = messages."senderId"
    or reads."readAt" < messages."createdAt"
    or reads."readAt" is null
