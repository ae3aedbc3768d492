-- name: type_names
-- params: oids bigint[], of types
-- returns: oid bigint, type_name text, category text

select
    types.oid::bigint as oid,
    format_type(types.oid, null) as type_name,
    types.typcategory::text as category
from pg_type as types
where types.oid = any(%(oids)s::bigint[]::oid[])
