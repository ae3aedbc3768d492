-- Messages of four years, and an index on their time.
insert into app.messages (id, "conversationId", "senderId", type, content, "createdAt")
select
    1000000 + number as id,
    conversations.id as "conversationId",
    members."userId" as "senderId",
    'TEXT' as type,
    'x' as content,
    timestamptz '2022-01-01 00:00:00Z' + number * interval '20 minutes' as "createdAt"
from generate_series(1, 100000) as number
cross join (select min(id) as id from app.conversations) as conversations
inner join lateral (
    select min("userId") as "userId" from app.conversation_users
    where "conversationId" = conversations.id
) as members on true;

create index messages_created_at on app.messages ("createdAt");

analyze app.messages;
