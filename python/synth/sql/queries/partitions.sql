-- name: partitions
-- params: schema, parent text
-- returns: partition name; the partitions of a table that are there
select child.relname::text as partition
from pg_catalog.pg_inherits as link
inner join pg_catalog.pg_class as child on link.inhrelid = child.oid
inner join pg_catalog.pg_class as parent on link.inhparent = parent.oid
inner join pg_catalog.pg_namespace as space on parent.relnamespace = space.oid
where space.nspname = %(schema)s and parent.relname = %(parent)s and child.relkind = 'r'
order by child.relname
