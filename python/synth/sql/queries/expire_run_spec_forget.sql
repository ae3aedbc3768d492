-- name: expire_run_spec_forget
-- params: run_id text
-- returns: nothing; of the run's spec only where it came from is kept

update synth.run
set spec = jsonb_build_object('source', spec -> 'source'), updated_at = clock_timestamp()
where run_id = %(run_id)s::text
