-- name: lock_worker
-- params: schema text
-- returns: one row; a share in the lock of the schema's workers, held until the session ends
select pg_advisory_lock_shared(hashtextextended('synth.worker:' || %(schema)s, 0))
