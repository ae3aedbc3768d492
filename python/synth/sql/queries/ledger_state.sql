-- name: ledger_state
-- params: none
-- returns: is_usable boolean: the ledger is there and this role may read it and add to it;
--   may_make boolean: nothing of its name is there, and the role may create schemas

select
    coalesce(
        has_schema_privilege(namespaces.oid, 'usage')
        and has_table_privilege(classes.oid, 'select')
        and has_table_privilege(classes.oid, 'insert'),
        false
    ) as is_usable,
    namespaces.oid is null and has_database_privilege(current_database(), 'create') as may_make
from (values (1)) as only_row (n)
left join pg_namespace as namespaces on namespaces.nspname = 'prodshape_ledger'
left join pg_class as classes
    on
        namespaces.oid = classes.relnamespace
        and classes.relname = 'release'
        and classes.relkind = 'r'
