-- name: run_stages
-- params: run_id text
-- returns: stage text, n_chunks, n_rows, n_units bigint (null in records of earlier versions),
--          finished_at: the ledger, summed up
select
    stage,
    count(*) as n_chunks,
    sum(n_rows)::bigint as n_rows,
    sum((to_jsonb(chunk) ->> 'n_units')::bigint)::bigint as n_units,
    max(finished_at) as finished_at
from synth.chunk as chunk
where run_id = %(run_id)s
group by stage
order by max(finished_at)
