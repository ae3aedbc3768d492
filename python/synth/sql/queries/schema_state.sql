-- name: schema_state
-- params: schema text
-- returns: schema_exists boolean; relations text[], partitions without the comment of `mark_table`
--          among them wherever they are; unmarked text[]: those without that comment
with

relations as (

    select
        class.relname::text as relation,
        obj_description(class.oid, 'pg_class') as remark
    from pg_catalog.pg_class as class
    -- A partition is part of its table, unless somebody else made it: it would be dropped with it.
    left join pg_catalog.pg_inherits as link
        on class.oid = link.inhrelid and class.relispartition
    left join pg_catalog.pg_class as parent on link.inhparent = parent.oid
    inner join pg_catalog.pg_namespace as namespace
        on coalesce(parent.relnamespace, class.relnamespace) = namespace.oid
    where
        namespace.nspname = %(schema)s
        and class.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        -- The sequence of an identity column is part of its table.
        and not exists (
            select from pg_catalog.pg_depend
            where
                classid = 'pg_catalog.pg_class'::regclass
                and objid = class.oid
                and class.relkind = 'S'
                and deptype = 'i'
        )
        and (
            not class.relispartition
            or obj_description(class.oid, 'pg_class')
            is distinct from 'synthetic: made by synth generate'
        )

)

select
    exists (select from pg_catalog.pg_namespace where nspname = %(schema)s) as schema_exists,
    coalesce(array_agg(relation order by relation), array[]::text[]) as relations,
    coalesce(
        array_agg(relation order by relation)
            filter (where remark is distinct from 'synthetic: made by synth generate'),
        array[]::text[]
    ) as unmarked
from relations
