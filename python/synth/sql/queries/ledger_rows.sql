-- name: ledger_rows
-- params: none
-- returns: the rows of the ledger, oldest first, reads, cut and parameters as text; of a row that a
--   reader could not bear (is_fit false, see ledger_create) its number only. parameters is null in
--   rows, and in ledgers, of before there were release rules

with

judged as (

    select
        n,
        n < 999999999
        and least(at, window_start, window_end) >= timestamptz '0001-01-02 00:00:00+00'
        and greatest(at, window_start, window_end) < timestamptz '9999-01-01 00:00:00+00'
        and jsonb_typeof(reads) = 'object'
        and jsonb_typeof(cut) = 'object'
        and pack_sha256 ~ '^[0-9a-f]+$'
        and length(pack_sha256) = 64
        and coalesce(log_head, '1:0') ~ '^[1-9][0-9]*:[0-9a-f]+$'
        and coalesce(length(log_head), 0) < 100
        and octet_length(reads::text) + octet_length(cut::text) < 65536
        and octet_length(concat(previous, digest, who, source, mechanism)) < 65536
        and octet_length(concat(content_sha256, log_first)) < 65536
        and coalesce(octet_length(to_jsonb(release_row) ->> 'parameters'), 0) < 4096 as is_fit
    from prodshape_ledger.release as release_row

)

select
    judged.n,
    judged.is_fit,
    known.previous,
    known.digest,
    known.at,
    known.who,
    known.source,
    known.reads::text as reads,
    known.window_start,
    known.window_end,
    known.cut::text as cut,
    known.mechanism,
    -- A ledger that nobody altered yet has no such column.
    to_jsonb(known) ->> 'parameters' as parameters,
    known.pack_sha256,
    known.content_sha256,
    known.is_overlapping,
    known.log_first,
    known.log_head
from judged
left join prodshape_ledger.release as known on judged.n = known.n and judged.is_fit
order by judged.n
