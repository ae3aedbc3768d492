-- name: check_keys
-- params: none
-- returns: check_name text, n_bad bigint: what keys and foreign keys would say beside the other
--          checks, where the tables have none or messages are partitioned
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
    'members have a conversation and a user' as check_name,
    count(*) as n_bad
from {schema}.conversation_users as members
left join {schema}.conversations as conversations
    on members."conversationId" = conversations.id
left join {schema}.users as users on members."userId" = users.id
where conversations.id is null or users.id is null
