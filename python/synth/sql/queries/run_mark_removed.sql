-- name: run_mark_removed
-- params: target_schema text
-- returns: nothing; earlier runs of the schema no longer own tables
update synth.run
set state = 'removed', updated_at = clock_timestamp()
where target_schema = %(target_schema)s and state <> 'removed'
