-- name: expire_fidelity
-- params: schema text of the fidelity models
-- returns: identity text of each table that is named like the comparison with a pack; statement text:
--          drops it; is_built boolean: dbt built it, as the comment of macro mark_built says with the
--          table's own oid

select
    format('%%I.%%I', namespace.nspname, class.relname) as identity,
    format('drop table %%I.%%I', namespace.nspname, class.relname) as statement,
    coalesce(
        starts_with(
            obj_description(class.oid, 'pg_class'),
            format('prodshape: built by dbt, oid %%s, ', class.oid)
        ),
        false
    ) as is_built
from pg_catalog.pg_class as class
inner join pg_catalog.pg_namespace as namespace on class.relnamespace = namespace.oid
where
    namespace.nspname = %(schema)s::text
    and class.relkind = 'r'
    and class.relname like 'fid\_%%'
order by class.relname
