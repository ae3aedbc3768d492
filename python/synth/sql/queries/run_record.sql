-- name: run_record
-- params: run_id text
-- returns: the whole record of a run, its spec included, or no row
select
    run_id, target_schema, state, seed, n_messages, band, options, spec, spec_sha256, plan, result,
    started_at, finished_at
from synth.run
where run_id = %(run_id)s::text
