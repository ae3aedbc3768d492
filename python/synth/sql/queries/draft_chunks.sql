-- name: draft_chunks
-- params: chunk_messages bigint
-- returns: first_no, last_no: ranges of draft_no with about as many messages each
select
    min(draft_no) as first_no,
    max(draft_no) as last_no
from (
    select
        draft_no,
        -- A conversation costs about as much as ten messages, whatever its size.
        div(
            sum(n_messages + 10) over (order by draft_no), %(chunk_messages)s::numeric
        ) as chunk_no
    from {work}.draft
) as numbered
group by chunk_no
order by 1
