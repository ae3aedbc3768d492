-- name: fidelity_members
-- params: {schema} of the application's tables
-- returns: conversation_id, user_id bigint
select
    "conversationId",
    "userId"
from {schema}.conversation_users
