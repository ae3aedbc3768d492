-- name: schema_state
-- params: schema text
-- returns: schema_exists boolean; relations text[]
select
    exists (select from pg_catalog.pg_namespace where nspname = %(schema)s) as schema_exists,
    coalesce(
        (
            select array_agg(class.relname::text order by class.relname)
            from pg_catalog.pg_class as class
            inner join pg_catalog.pg_namespace as namespace on class.relnamespace = namespace.oid
            where
                namespace.nspname = %(schema)s
                and class.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
                -- A partition is part of its table.
                and not class.relispartition
        ),
        array[]::text[]
    ) as relations
