-- name: relation_bytes
-- params: schemas text[]
-- returns: n_bytes bigint: what the tables of these schemas and their indexes take on disk
select coalesce(sum(pg_total_relation_size(class.oid)), 0)::bigint as n_bytes
from pg_catalog.pg_class as class
inner join pg_catalog.pg_namespace as namespace on class.relnamespace = namespace.oid
where namespace.nspname = any(%(schemas)s::text[]) and class.relkind = 'r'
