-- name: inheriting_tables
-- params: schema text
-- returns: n_tables bigint: those that inherit from a schema's, and are no partitions: what empties
--          a table empties them
select count(*) as n_tables
from pg_catalog.pg_inherits as link
inner join pg_catalog.pg_class as child on link.inhrelid = child.oid
inner join pg_catalog.pg_class as parent on link.inhparent = parent.oid
inner join pg_catalog.pg_namespace as namespace on parent.relnamespace = namespace.oid
where namespace.nspname = %(schema)s and child.relkind in ('r', 'f') and not child.relispartition
