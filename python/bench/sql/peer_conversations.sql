-- name: peer_conversations
-- params: none; schema is put in
-- returns: one row per conversation
select
    id,
    type
from {schema}.conversations
