-- name: run_progress
-- params: run_id text; progress jsonb
-- returns: nothing
update synth.run
set progress = %(progress)s::jsonb, updated_at = clock_timestamp()
where run_id = %(run_id)s
