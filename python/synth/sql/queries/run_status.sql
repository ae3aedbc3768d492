-- name: run_status
-- params: target_schema text or null (any)
-- returns: the newest matching run, is_alive: whether its process still holds the schema
select
    run.run_id,
    run.target_schema,
    run.state,
    run.seed,
    run.n_messages,
    run.band,
    run.progress,
    run.result is not null as has_result,
    run.started_at,
    run.updated_at,
    run.finished_at,
    extract(epoch from clock_timestamp() - run.updated_at)::float8 as silent_seconds,
    exists (
        select
        from pg_catalog.pg_locks as held
        where
            held.locktype = 'advisory'
            and held.database = (
                select oid from pg_catalog.pg_database where datname = current_database()
            )
            and held.granted
            and held.objsubid = 1
            and (held.classid::bigint << 32) | held.objid::bigint
            = hashtextextended('synth.run:' || run.target_schema, 0)
    ) as is_alive
from synth.run as run
where
    run.state <> 'removed'
    and (%(target_schema)s::text is null or run.target_schema = %(target_schema)s::text)
order by run.started_at desc, run.run_id desc
limit 1
