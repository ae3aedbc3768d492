-- name: source_schemas
-- params: names text[]
-- returns: name text, oid bigint, is_standin boolean: made by `synth standin`

select
    nspname::text as name,
    oid::bigint as oid,
    coalesce(obj_description(oid, 'pg_namespace') like 'made by synth standin%%', false)
        as is_standin
from pg_namespace
where nspname = any(%(names)s::text [])
order by nspname
