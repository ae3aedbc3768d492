-- name: ledger_state
-- params: none
-- returns: is_usable boolean: the ledger is there and this role may read it and add to it;
--   may_make boolean: nothing of its name is there, and the role may create schemas;
--   holds_rules boolean: it has the column of the release rules' parameters; is_own boolean: this
--   role may alter it

select
    coalesce(
        has_schema_privilege(namespaces.oid, 'usage')
        and has_table_privilege(classes.oid, 'select')
        and has_table_privilege(classes.oid, 'insert'),
        false
    ) as is_usable,
    namespaces.oid is null and has_database_privilege(current_database(), 'create') as may_make,
    exists (
        select 1
        from pg_attribute as attributes
        where
            attributes.attrelid = classes.oid
            and attributes.attname = 'parameters'
            and not attributes.attisdropped
    ) as holds_rules,
    coalesce(pg_has_role(classes.relowner, 'usage'), false) as is_own
from (values (1)) as only_row (n)
left join pg_namespace as namespaces on namespaces.nspname = 'prodshape_ledger'
left join pg_class as classes
    on
        namespaces.oid = classes.relnamespace
        and classes.relname = 'release'
        and classes.relkind = 'r'
