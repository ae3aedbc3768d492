-- name: foreign_dependents
-- params: schema text; dbt_schema text
-- returns: n_dependents bigint: views on the schema's tables that are neither in it nor dbt's
select count(distinct dependent.oid) as n_dependents
from pg_catalog.pg_depend as depend
inner join pg_catalog.pg_rewrite as rewrite on depend.objid = rewrite.oid
inner join pg_catalog.pg_class as dependent on rewrite.ev_class = dependent.oid
inner join pg_catalog.pg_namespace as dependent_namespace
    on dependent.relnamespace = dependent_namespace.oid
inner join pg_catalog.pg_class as class on depend.refobjid = class.oid
inner join pg_catalog.pg_namespace as namespace on class.relnamespace = namespace.oid
where
    depend.classid = 'pg_catalog.pg_rewrite'::regclass
    and namespace.nspname = %(schema)s
    and dependent_namespace.nspname not in (%(schema)s, %(dbt_schema)s)
