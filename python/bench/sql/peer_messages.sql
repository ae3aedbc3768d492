-- name: peer_messages
-- params: none; schema is put in
-- returns: one row per message: no body, but its length; the gap to the one before
select
    id,
    "conversationId" as conversation_id,
    "senderId" as sender_id,
    type,
    length(content) as content_length,
    cast(date_part('epoch', "createdAt") as bigint) / 3600 % 168 as hour_of_week,
    date_part(
        'epoch',
        "createdAt" - lag("createdAt") over (partition by "conversationId" order by "createdAt", id)
    ) as gap_seconds,
    "createdAt" at time zone 'UTC' as created_at
from {schema}.messages
