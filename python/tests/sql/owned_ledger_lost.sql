-- name: owned_ledger_lost
-- params: none
-- returns: nothing; what a run of an earlier version left: no ledger, and a comment for all runs
delete from synth.made;
comment on table perf_synthetic.users is 'synthetic: made by synth generate';
