-- name: ownership
-- params: schema text
-- returns: is_there, is_own boolean: the schema, and whether synth made it; own, strange text[]: its
--          relations by whether synth made them; attached text[]: strange partitions of own tables,
--          wherever they are; makers text[]: runs that made something in it
with

own as (

    select * from synth.own_objects()

),

relations as (

    select
        class.relname::text as relation,
        own.object_id is not null as is_own,
        class.relispartition and own_parent.object_id is not null as is_part_of_own,
        class.relnamespace = namespace.oid as is_inside
    from pg_catalog.pg_namespace as namespace
    inner join pg_catalog.pg_class as class
        on
            namespace.oid = class.relnamespace
            or class.oid in (
                select link.inhrelid
                from pg_catalog.pg_inherits as link
                inner join pg_catalog.pg_class as parent on link.inhparent = parent.oid
                where parent.relnamespace = namespace.oid
            ) and class.relispartition
    left join own
        on class.oid = own.object_id and own.class_id = 'pg_catalog.pg_class'::regclass
    left join pg_catalog.pg_inherits as link
        on class.oid = link.inhrelid and class.relispartition
    left join own as own_parent
        on
            link.inhparent = own_parent.object_id
            and own_parent.class_id = 'pg_catalog.pg_class'::regclass
    where
        namespace.nspname = %(schema)s::text
        and class.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        -- The sequence of an identity or serial column is part of its table.
        and not exists (
            select from pg_catalog.pg_depend
            where
                classid = 'pg_catalog.pg_class'::regclass
                and objid = class.oid
                and class.relkind = 'S'
                and deptype in ('a', 'i')
        )

)

select
    exists (
        select from pg_catalog.pg_namespace
        where nspname = %(schema)s::text
    ) as is_there,
    exists (
        select from own
        where
            own.class_id = 'pg_catalog.pg_namespace'::regclass
            and own.schema_name = %(schema)s::text
    ) as is_own,
    array(
        select relation from relations
        where is_own and is_inside
        order by relation
    ) as own,
    array(
        select relation from relations
        where not is_own and (is_inside or is_part_of_own)
        order by relation
    ) as strange,
    array(
        select relation from relations
        where not is_own and is_part_of_own
        order by relation
    ) as attached,
    array(
        select distinct made_by from own
        where schema_name = %(schema)s::text
        order by made_by
    ) as makers
