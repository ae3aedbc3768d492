-- name: boundary_tables
-- params: none
-- returns: schema_name, table_name: what dbt and the import made, both exported and not
-- Row-level helpers (int_) are left out: they hold ids, times and lengths, and never leave.
select
    namespace.nspname as schema_name,
    class.relname as table_name
from pg_catalog.pg_class as class
inner join pg_catalog.pg_namespace as namespace on class.relnamespace = namespace.oid
where
    class.relkind in ('r', 'm')
    and namespace.nspname not in (
        'app', 'perf_synthetic', 'synth', 'pg_catalog', 'information_schema', 'pg_toast'
    )
    and class.relname not like 'int\_%'
order by 1, 2
