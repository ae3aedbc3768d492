-- name: fidelity_conversations
-- params: {schema} of the application's tables
-- returns: conversation_id bigint, type text
select
    id,
    type
from {schema}.conversations
