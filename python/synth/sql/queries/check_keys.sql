-- name: check_keys
-- params: none
-- returns: check_name text, n_bad bigint: what keys and foreign keys would say, where there are none
select
    'ids are unique' as check_name,
    (select count(*) - count(distinct id) from {schema}.users)
    + (select count(*) - count(distinct id) from {schema}.conversations)
    + (select count(*) - count(distinct id) from {schema}.messages)
    + (select count(*) - count(distinct id) from {schema}.attachments) as n_bad

union all

select
    'pairs are unique' as check_name,
    (
        select count(*)
        from (
            select from {schema}.conversation_users
            group by "conversationId", "userId"
            having count(*) > 1
        ) as repeats
    )
    + (
        select count(*)
        from (
            select from {schema}.message_reads
            group by "messageId", "userId"
            having count(*) > 1
        ) as repeats
    ) as n_bad

union all

select
    'messages have a conversation and a member as sender' as check_name,
    count(*) as n_bad
from {schema}.messages as messages
left join {schema}.conversation_users as members
    on
        messages."conversationId" = members."conversationId"
        and messages."senderId" = members."userId"
where members."userId" is null

union all

select
    'members have a conversation and a user' as check_name,
    count(*) as n_bad
from {schema}.conversation_users as members
left join {schema}.conversations as conversations
    on members."conversationId" = conversations.id
left join {schema}.users as users on members."userId" = users.id
where conversations.id is null or users.id is null

union all

select
    'attachments have a message' as check_name,
    count(*) as n_bad
from {schema}.attachments as attachments
left join {schema}.messages as messages on attachments."messageId" = messages.id
where messages.id is null

union all

select
    'receipts have a message and a reader' as check_name,
    count(*) as n_bad
from {schema}.message_reads as reads
left join {schema}.messages as messages on reads."messageId" = messages.id
left join {schema}.users as users on reads."userId" = users.id
where messages.id is null or users.id is null
