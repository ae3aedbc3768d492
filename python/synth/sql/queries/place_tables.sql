-- name: place_tables
-- params: relations text[]; own_oids bigint[]: what runs made
-- returns: schema_name text; relations text[]: those of these names, empty ones too: what a role may
--          not read or a planner never counted looks empty
select
    namespace.nspname::text as schema_name,
    array_agg(class.relname::text order by class.relname) as relations
from pg_catalog.pg_class as class
inner join pg_catalog.pg_namespace as namespace on class.relnamespace = namespace.oid
where
    class.relkind in ('r', 'p', 'v', 'm', 'f')
    and class.relname = any(%(relations)s::text [])
    and not class.oid = any(%(own_oids)s::bigint [])
    and namespace.nspname not in ('pg_catalog', 'information_schema')
group by namespace.nspname
order by namespace.nspname
