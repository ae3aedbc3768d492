-- name: partition_messages
-- params: none
-- returns: nothing; puts a table of messages in the place of the empty one, partitioned by time
drop table {schema}.messages;

create table {schema}.messages (
    id bigint,
    "conversationId" bigint,
    "senderId" bigint,
    type text,
    content text,
    "createdAt" timestamptz
) partition by range ("createdAt");
