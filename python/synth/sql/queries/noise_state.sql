-- name: noise_state
-- params: schema of the shape models
-- returns: has_schema boolean; is_there boolean: something has the name of the noise's table;
--   is_own boolean: it is a table of this role's that noise_create made, as its comment says

select
    namespaces.oid is not null as has_schema,
    classes.oid is not null as is_there,
    coalesce(
        classes.relkind = 'r'
        and obj_description(classes.oid, 'pg_class') = 'prodshape: the noise of a release'
        and pg_has_role(classes.relowner, 'usage'),
        false
    ) as is_own
from (values (1)) as only_row (n)
left join pg_namespace as namespaces on namespaces.nspname = %(schema)s::text
left join pg_class as classes
    on namespaces.oid = classes.relnamespace and classes.relname = 'shape_noise'
