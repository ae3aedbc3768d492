-- name: check_run
-- params: n_messages bigint; ids_in_order boolean (ids that follow time, as all but uuid v4 do)
-- returns: check_name text, n_bad bigint: what the constraints cannot say
select
    'exact total' as check_name,
    abs((select count(*) from {schema}.messages) - %(n_messages)s) as n_bad

union all

select
    'conversation ends with its last message' as check_name,
    count(*) as n_bad
from (
    select
        "conversationId" as conversation_id,
        max("createdAt") as last_at,
        min("createdAt") as first_at
    from {schema}.messages
    group by "conversationId"
) as spans
inner join {schema}.conversations as conversations on spans.conversation_id = conversations.id
where
    spans.last_at is distinct from conversations."updatedAt"
    or spans.first_at < conversations."createdAt"

union all

select
    'members join after the account and the conversation exist' as check_name,
    count(*) as n_bad
from {schema}.conversation_users as members
inner join {schema}.users as users on members."userId" = users.id
inner join {schema}.conversations as conversations
    on members."conversationId" = conversations.id
where
    members."joinedAt" < users."createdAt" or members."joinedAt" < conversations."createdAt"

union all

select
    'usernames are unique' as check_name,
    count(*) - count(distinct username) as n_bad
from {schema}.users

union all

select
    'message ids are in time order' as check_name,
    count(*) as n_bad
from (
    select "createdAt" < lag("createdAt") over (order by id) as is_earlier
    from {schema}.messages
) as steps
where is_earlier and %(ids_in_order)s
