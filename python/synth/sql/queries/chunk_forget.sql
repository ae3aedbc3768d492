-- name: chunk_forget
-- params: run_id text; stages text[]
-- returns: nothing; these stages are to be done again
delete from synth.chunk
where run_id = %(run_id)s and stage = any(%(stages)s::text[])
