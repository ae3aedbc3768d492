-- name: conversation_chunks
-- params: chunk_messages bigint
-- returns: first_id, last_id: ranges of conversations with about as many messages each
select
    min(conversation_id) as first_id,
    max(conversation_id) as last_id
from (
    select
        conversation_id,
        div(
            sum(n_messages + 10) over (order by conversation_id), %(chunk_messages)s::numeric
        ) as chunk_no
    from {work}.conversation
) as numbered
group by chunk_no
order by 1
