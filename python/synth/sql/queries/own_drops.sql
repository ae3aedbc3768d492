-- name: own_drops
-- params: schema text; made_by text[]: the runs whose things are meant, or `synth import`
-- returns: kind text: tables, functions or schema; statement text, in order: drop what they made in a
--          schema, and the schema where it is theirs; no `cascade`: the server keeps what somebody else
--          has in it or on it
with

own as (

    select
        objects.class_id,
        objects.identity,
        coalesce(class.relispartition, false) as is_partition
    from synth.own_objects() as objects
    left join pg_catalog.pg_class as class
        on
            objects.object_id = class.oid
            and objects.class_id = 'pg_catalog.pg_class'::regclass
    where
        objects.schema_name = %(schema)s::text
        and objects.made_by = any(%(made_by)s::text [])

),

statements as (

    select
        1 as step,
        'tables' as kind,
        'drop table ' || string_agg(identity, ', ' order by identity) as statement
    from own
    -- Partitions go with their table.
    where class_id = 'pg_catalog.pg_class'::regclass and not is_partition

    union all

    select
        2 as step,
        'functions' as kind,
        'drop function ' || string_agg(identity, ', ' order by identity) as statement
    from own
    where class_id = 'pg_catalog.pg_proc'::regclass

    union all

    select
        3 as step,
        'schema' as kind,
        'drop schema ' || identity as statement
    from own
    where class_id = 'pg_catalog.pg_namespace'::regclass

)

select
    kind,
    statement
from statements
where statement is not null
order by step
