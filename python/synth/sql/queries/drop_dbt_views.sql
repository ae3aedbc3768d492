-- name: drop_dbt_views
-- params: schema text; dbt_schema text
-- returns: statement text or null: drops dbt's views on the schema's tables, and refuses while
--          anything else stands on them; dbt's are those with the comment of macro mark_built, which
--          holds the view's own oid
with recursive

views as (

    select rewrite.ev_class as oid
    from pg_catalog.pg_class as class
    inner join pg_catalog.pg_namespace as namespace on class.relnamespace = namespace.oid
    inner join pg_catalog.pg_depend as depend on class.oid = depend.refobjid
    inner join pg_catalog.pg_rewrite as rewrite on depend.objid = rewrite.oid
    where
        namespace.nspname = %(schema)s
        and depend.refclassid = 'pg_catalog.pg_class'::regclass
        and depend.classid = 'pg_catalog.pg_rewrite'::regclass

    union

    select rewrite.ev_class as oid
    from views
    inner join pg_catalog.pg_depend as depend on views.oid = depend.refobjid
    inner join pg_catalog.pg_rewrite as rewrite on depend.objid = rewrite.oid
    where
        depend.refclassid = 'pg_catalog.pg_class'::regclass
        and depend.classid = 'pg_catalog.pg_rewrite'::regclass

)

select
    'drop view '
    || string_agg(
        format('%%I.%%I', namespace.nspname, class.relname), ', ' order by class.relname
    ) as statement
from views
inner join pg_catalog.pg_class as class on views.oid = class.oid
inner join pg_catalog.pg_namespace as namespace on class.relnamespace = namespace.oid
where
    namespace.nspname = %(dbt_schema)s
    and class.relkind = 'v'
    and starts_with(
        obj_description(class.oid, 'pg_class'),
        format('prodshape: built by dbt, oid %%s, ', class.oid)
    )
