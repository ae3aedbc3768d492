-- name: fidelity_messages
-- params: {schema} of the application's tables
-- returns: conversation_id, sender_id bigint, sent_at float8 (seconds since 1970), type text,
--          content_length integer; ordered by conversation, time and id
select
    "conversationId",
    "senderId",
    extract(epoch from "createdAt")::float8,
    type,
    length(content)
from {schema}.messages
order by "conversationId", "createdAt", id
