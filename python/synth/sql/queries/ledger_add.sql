-- name: ledger_add
-- params: every column of the ledger; reads, cut and parameters as JSON
-- returns: nothing

insert into prodshape_ledger.release (
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
    parameters,
    pack_sha256,
    content_sha256,
    is_overlapping,
    log_first,
    log_head
)
values (
    %(n)s::bigint,
    %(previous)s::text,
    %(digest)s::text,
    %(at)s::timestamptz,
    %(who)s::text,
    %(source)s::text,
    %(reads)s::jsonb,
    %(window_start)s::timestamptz,
    %(window_end)s::timestamptz,
    %(cut)s::jsonb,
    %(mechanism)s::text,
    %(parameters)s::jsonb,
    %(pack_sha256)s::text,
    %(content_sha256)s::text,
    %(is_overlapping)s::boolean,
    %(log_first)s::text,
    %(log_head)s::text
)
