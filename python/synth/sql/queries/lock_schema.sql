-- name: lock_schema
-- params: schema text
-- returns: is_free boolean; the lock is held until the session ends
select pg_try_advisory_lock(hashtextextended('synth.run:' || %(schema)s, 0)) as is_free
