-- name: run_get
-- params: run_id text
-- returns: the run's record, or no row
select
    run_id, target_schema, state, seed, n_messages, band, options, spec::text as spec, plan,
    spec_sha256
from synth.run
where run_id = %(run_id)s
