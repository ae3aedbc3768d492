-- name: run_owner
-- params: target_schema text; made_by text[]: who made the tables found there, by the ledger
-- returns: the newest of these runs, or no row
select
    run_id,
    target_schema,
    state,
    seed,
    n_messages,
    options,
    spec -> 'source' as spec_source
from synth.run
where target_schema = %(target_schema)s::text and run_id = any(%(made_by)s::text [])
order by started_at desc, run_id desc
limit 1
