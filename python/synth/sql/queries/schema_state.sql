-- name: schema_state
-- params: schema text
-- returns: schema_exists boolean; relations text[]; unmarked text[]: those of them without the
--          comment of `mark_table`
with

relations as (

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
