-- name: ledger_rows
-- params: none
-- returns: the rows of the ledger, oldest first

select
    n,
    previous,
    digest,
    at,
    who,
    source,
    reads,
    window_start,
    window_end,
    cut,
    mechanism,
    pack_sha256,
    content_sha256,
    is_overlapping,
    log_first,
    log_head
from prodshape_ledger.release
order by n
