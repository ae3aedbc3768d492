-- name: place_facts
-- params: key bigint
-- returns: database_oid; is_standby, is_embedded boolean; boundary_schemas text[]: those that the
--          shape, its reading role or the ledger of extractions left; takes an advisory lock on the
--          key until the transaction ends, for `place_seen` to look for
select
    (
        select oid from pg_catalog.pg_database where datname = pg_catalog.current_database()
    ) as database_oid,
    pg_catalog.pg_is_in_recovery() as is_standby,
    -- The embedded server listens on its socket only.
    pg_catalog.current_setting('cluster_name') = 'prodshape'
    and pg_catalog.inet_server_addr() is null as is_embedded,
    array(
        select namespace.nspname::text
        from pg_catalog.pg_namespace as namespace
        where
            -- Whole comments, since anybody's may begin like one of these.
            pg_catalog.obj_description(namespace.oid, 'pg_namespace') in (
                'prodshape: the shape',
                'prodshape: the views',
                'prodshape: the key',
                'prodshape: the ledger'
            )
        order by namespace.nspname
    ) as boundary_schemas,
    pg_catalog.pg_try_advisory_xact_lock(%(key)s::bigint) as is_locked
