-- name: lock_worker
-- params: schema text
-- returns: is_of_run boolean: the session is in the database where a run holds the schema; a share in
--          the lock of the schema's workers is held until the session ends
select
    exists (
        select from pg_catalog.pg_locks as held
        where
            held.locktype = 'advisory'
            and held.granted
            and held.objsubid = 1
            and held.database = (
                select oid from pg_catalog.pg_database where datname = current_database()
            )
            and (held.classid::bigint << 32) | held.objid::bigint
            = hashtextextended('synth.run:' || %(schema)s, 0)
    ) as is_of_run,
    pg_advisory_lock_shared(hashtextextended('synth.worker:' || %(schema)s, 0))
