-- name: run_update
-- params: run_id, state text; result jsonb or null (keeps what is there)
-- returns: nothing
update synth.run
set
    state = %(state)s,
    result = coalesce(%(result)s::jsonb, result),
    updated_at = clock_timestamp(),
    finished_at = case when %(state)s = 'done' then clock_timestamp() else finished_at end
where run_id = %(run_id)s
