-- name: source_schemas
-- params: names text[]
-- returns: name text, oid bigint, is_standin boolean: made by `synth standin`; is_shape boolean: dbt
--   builds there

select
    nspname::text as name,
    oid::bigint as oid,
    coalesce(
        starts_with(
            obj_description(oid, 'pg_namespace'), format('made by synth standin (oid %%s)', oid)
        ),
        false
    ) as is_standin,
    coalesce(obj_description(oid, 'pg_namespace') like 'prodshape: the shape%%', false)
    or nspname like 'pg\_temp%%' as is_shape
from pg_namespace
where nspname = any(%(names)s::text [])
order by nspname
