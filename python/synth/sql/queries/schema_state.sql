-- name: schema_state
-- params: schema text
-- returns: schema_exists boolean; relations text[], partitions without the comment of `mark_table`
--          among them wherever they are; unmarked text[]: those without that comment
with

own as (

    select
        class.relname::text as relation,
        obj_description(class.oid, 'pg_class') as remark
    from pg_catalog.pg_class as class
    inner join pg_catalog.pg_namespace as namespace on class.relnamespace = namespace.oid
    where
        namespace.nspname = %(schema)s
        and class.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        -- A partition is part of its table.
        and not class.relispartition

),

attached as (

    -- Unless somebody else made it: it would be dropped with the table.
    select
        child.relname::text as relation,
        obj_description(child.oid, 'pg_class') as remark
    from pg_catalog.pg_inherits as link
    inner join pg_catalog.pg_class as child on link.inhrelid = child.oid
    inner join pg_catalog.pg_class as parent on link.inhparent = parent.oid
    inner join pg_catalog.pg_namespace as namespace on parent.relnamespace = namespace.oid
    where namespace.nspname = %(schema)s and child.relispartition and child.relkind <> 'i'

),

relations as (

    select * from own

    union all

    select * from attached
    where remark is distinct from 'synthetic: made by synth generate'

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
