-- name: same_columns
-- params: schema, other text
-- returns: is_same boolean: the tables of two schemas have the same columns, of the same types, in
--          the same order, and nobody put triggers or checks on the first; keys do not count
with

columns as (

    select
        namespace.nspname as schema_name,
        class.relname as relation,
        attribute.attname as column_name,
        attribute.atttypid as type_id,
        attribute.atttypmod as type_modifier,
        row_number() over (partition by class.oid order by attribute.attnum) as position,
        attribute.atthasdef or attribute.attidentity <> '' as fills_itself
    from pg_catalog.pg_attribute as attribute
    inner join pg_catalog.pg_class as class on attribute.attrelid = class.oid
    inner join pg_catalog.pg_namespace as namespace on class.relnamespace = namespace.oid
    where
        class.relkind in ('r', 'p')
        and not class.relispartition
        and attribute.attnum > 0
        and not attribute.attisdropped
        and namespace.nspname in (%(schema)s, %(other)s)

)

select
    count(*) = 0
    and not exists (
        select
        from pg_catalog.pg_class as class
        inner join pg_catalog.pg_namespace as namespace on class.relnamespace = namespace.oid
        where
            namespace.nspname = %(schema)s
            and (
                exists (
                    select from pg_catalog.pg_trigger
                    where tgrelid = class.oid and not tgisinternal
                )
                or exists (
                    select from pg_catalog.pg_constraint
                    where conrelid = class.oid and contype = 'c'
                )
            )
    ) as is_same
from (
    select *
    from columns
    where schema_name = %(schema)s
) as found
full outer join (
    select *
    from columns
    where schema_name = %(other)s
) as wanted
    on
        found.relation = wanted.relation
        and found.column_name = wanted.column_name
        and found.type_id = wanted.type_id
        and found.type_modifier = wanted.type_modifier
        and found.position = wanted.position
        and found.fills_itself = wanted.fills_itself
where found.relation is null or wanted.relation is null
