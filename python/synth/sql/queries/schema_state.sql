-- name: schema_state
-- params: schema text
-- returns: schema_exists boolean; relations text[]: what is in it, but partitions
select
    exists (select from pg_catalog.pg_namespace where nspname = %(schema)s) as schema_exists,
    array(
        select class.relname::text
        from pg_catalog.pg_class as class
        inner join pg_catalog.pg_namespace as namespace on class.relnamespace = namespace.oid
        where
            namespace.nspname = %(schema)s
            and class.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
            and not class.relispartition
        order by class.relname
    ) as relations
