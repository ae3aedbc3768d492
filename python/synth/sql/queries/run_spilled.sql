-- name: run_spilled
-- params: run_id, stage text; n_bytes bigint
-- returns: nothing; adds to what the stage has written to temporary files, in earlier processes too
update synth.run
set
    spilled = spilled || jsonb_build_object(
        %(stage)s::text,
        coalesce((spilled ->> %(stage)s::text)::bigint, 0) + %(n_bytes)s::bigint
    )
where run_id = %(run_id)s
