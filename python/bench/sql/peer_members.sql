-- name: peer_members
-- params: none; schema is put in
-- returns: one row per member of a conversation
select
    "conversationId" as conversation_id,
    "userId" as user_id
from {schema}.conversation_users
