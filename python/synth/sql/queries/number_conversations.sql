-- name: number_conversations
-- params: none
-- returns: nothing; fills conversation, ids in the order of creation
insert into {work}.conversation
select
    row_number() over (order by created_ms, draft_no) as conversation_id,
    draft_no,
    draft_key,
    type_no,
    n_messages,
    n_members,
    n_senders,
    dominance,
    gap_segment,
    time_scale,
    start_activity_ms,
    created_ms,
    last_ms
from {work}.drawn
order by conversation_id
