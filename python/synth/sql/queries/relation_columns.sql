-- name: relation_columns
-- params: schemas text[], relations text[], of equal length
-- returns: schema_name text, relation text, column_names text[]

select
    namespaces.nspname::text as schema_name,
    classes.relname::text as relation,
    array_agg(attributes.attname::text order by attributes.attnum) as column_names
from unnest(%(schemas)s::text[], %(relations)s::text[]) as wanted (schema_name, relation)
inner join pg_namespace as namespaces on wanted.schema_name = namespaces.nspname
inner join pg_class as classes
    on wanted.relation = classes.relname and namespaces.oid = classes.relnamespace
inner join pg_attribute as attributes on classes.oid = attributes.attrelid
where
    attributes.attnum > 0
    and not attributes.attisdropped
group by namespaces.nspname, classes.relname
