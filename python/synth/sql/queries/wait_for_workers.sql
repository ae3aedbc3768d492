-- name: wait_for_workers
-- params: schema text
-- returns: one row, when no worker of an earlier process is left
select pg_advisory_xact_lock(hashtextextended('synth.worker:' || %(schema)s, 0))
