-- name: run_of_schema
-- params: target_schema text
-- returns: the newest run that owns the schema's tables, or no row
select
    run_id,
    target_schema,
    state,
    seed,
    n_messages,
    options,
    spec -> 'source' as spec_source
from synth.run
where target_schema = %(target_schema)s and state <> 'removed'
order by started_at desc, run_id desc
limit 1
