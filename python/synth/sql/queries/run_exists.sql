-- name: run_exists
-- params: none
-- returns: has_runs boolean
select to_regclass('synth.run') is not null as has_runs
