-- name: place_contents
-- params: none
-- returns: name text of each schema, relation and function of the database that is not PostgreSQL's
select nspname::text as name
from pg_namespace
where nspname !~ '^(pg_|information_schema)'
union all
select oid::regclass::text || ' ' || oid as name
from pg_class
where oid >= 16384 and relkind in ('r', 'v', 'p', 'm')
union all
select oid::regprocedure::text as name
from pg_proc
where oid >= 16384
order by name
