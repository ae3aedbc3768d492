-- name: check_run
-- params: n_messages bigint
-- returns: check_name text, n_bad bigint: people, conversations and messages
with

spans as (

    -- One scan of the messages: when each conversation lasted, and who may not have written.
    select
        messages."conversationId" as conversation_id,
        max(messages."createdAt") as last_at,
        min(messages."createdAt") as first_at,
        count(*) as n_messages,
        count(*) filter (where members."userId" is null) as n_strangers,
        count(*) filter (where not members."isActive") as n_inactive,
        count(*) filter (where messages.type is null or messages.content is null) as n_blank
    from {schema}.messages as messages
    left join {schema}.conversation_users as members
        on
            messages."conversationId" = members."conversationId"
            and messages."senderId" = members."userId"
            and messages."createdAt" >= members."joinedAt"
    group by messages."conversationId"

),

rooms as (

    select
        "conversationId" as conversation_id,
        count(*) filter (where role = 'OWNER') as n_owners,
        count(*) filter (where role not in ('OWNER', 'ADMIN', 'MEMBER') or role is null)
            as n_unknown
    from {schema}.conversation_users
    group by "conversationId"

)

select
    'exact total' as check_name,
    abs(coalesce((select sum(n_messages) from spans), 0)::bigint - %(n_messages)s) as n_bad

union all

select
    'conversation ends with its last message' as check_name,
    count(*) as n_bad
from spans
left join {schema}.conversations as conversations on spans.conversation_id = conversations.id
where
    spans.last_at is distinct from conversations."updatedAt"
    or spans.first_at < conversations."createdAt"

union all

select
    'senders are members who have joined' as check_name,
    coalesce(sum(n_strangers), 0)::bigint as n_bad
from spans

union all

select
    'senders are active' as check_name,
    coalesce(sum(n_inactive), 0)::bigint as n_bad
from spans

union all

select
    'messages have a type and a body' as check_name,
    coalesce(sum(n_blank), 0)::bigint as n_bad
from spans

union all

select
    'every conversation has members, and one of them is its owner' as check_name,
    count(*) as n_bad
from {schema}.conversations as conversations
left join rooms on conversations.id = rooms.conversation_id
where rooms.n_owners is distinct from 1 or rooms.n_unknown <> 0

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
    'usernames and e-mail addresses are unique' as check_name,
    greatest(count(*) - count(distinct username), count(*) - count(distinct email)) as n_bad
from {schema}.users

union all

select
    'e-mail addresses are reserved ones' as check_name,
    count(*) as n_bad
from {schema}.users
where email !~ '@example\.(com|net|org)$' or email is null
