-- name: fid_forget
-- params: schema text, where dbt builds
-- returns: statement text: drops an earlier verdict; is_built boolean: dbt built it, as the comment
--          of macro mark_built says with the table's own oid; no row where there is none
select
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
where namespace.nspname = %(schema)s::text and class.relname = 'fid_verdict'
