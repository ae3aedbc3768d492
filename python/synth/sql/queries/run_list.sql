-- name: run_list
-- params: none
-- returns: one row per run, newest first
select
    run_id, target_schema, state, seed, n_messages, band, spec_sha256, plan, result, started_at,
    finished_at,
    extract(epoch from coalesce(finished_at, updated_at) - started_at)::float8 as elapsed_seconds
from synth.run
order by started_at desc, run_id desc
