-- name: place_seen
-- params: key bigint
-- returns: database_oid; is_standby, is_embedded, has_foreign boolean; locked_oid: the database in which
--          a session of this very server holds the key, or null
select
    (
        select oid from pg_catalog.pg_database where datname = pg_catalog.current_database()
    ) as database_oid,
    pg_catalog.pg_is_in_recovery() as is_standby,
    pg_catalog.current_setting('cluster_name') = 'prodshape'
    and pg_catalog.inet_server_addr() is null as is_embedded,
    exists (select from pg_catalog.pg_foreign_server) as has_foreign,
    (
        select held.database
        from pg_catalog.pg_locks as held
        where
            held.locktype = 'advisory'
            and held.granted
            and held.objsubid = 1
            and (held.classid::bigint << 32) | held.objid::bigint = %(key)s::bigint
        limit 1
    ) as locked_oid
