-- name: run_list
-- params: target_schema text or null (any)
-- returns: one row per run, newest first; a run that is noted as running but whose process no
-- longer holds the schema was killed, or lost its server: its state is `stopped`
select
    run.run_id,
    run.target_schema,
    case
        when run.state = 'running' and not exists (
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
        )
            then 'stopped'
        else run.state
    end as state,
    run.seed,
    run.n_messages,
    run.band,
    run.progress,
    run.started_at,
    run.updated_at,
    run.finished_at,
    run.plan,
    run.result,
    run.spec_sha256,
    -- A record of an earlier version lacks the column.
    coalesce(to_jsonb(run) -> 'spilled', jsonb_build_object()) as spilled_bytes,
    extract(epoch from clock_timestamp() - run.updated_at)::float8 as silent_seconds,
    extract(epoch from coalesce(run.finished_at, run.updated_at) - run.started_at)::float8
        as elapsed_seconds
from synth.run as run
where %(target_schema)s::text is null or run.target_schema = %(target_schema)s::text
order by run.started_at desc, run.run_id desc
