-- name: standin_schema
-- params: schema text
-- returns: one row with comment text when the schema exists, else none

select obj_description(oid, 'pg_namespace') as comment
from pg_namespace
where nspname = %(schema)s::text
