-- name: own_slices
-- params: work text: a run's working schema
-- returns: table_id oid; partition text; statement text, which drops it: the partitions of its
--          timeline that this run made, or an earlier one of the same schema
select
    objects.object_id as table_id,
    class.relname::text as partition,
    'drop table ' || objects.identity as statement
from synth.own_objects() as objects
inner join pg_catalog.pg_class as class on objects.object_id = class.oid
inner join synth.run as run on objects.made_by = run.run_id
where
    objects.schema_name = %(work)s::text
    and objects.class_id = 'pg_catalog.pg_class'::regclass
    and class.relispartition
    -- Another run may have its own tables in a schema of this name.
    and run.target_schema || '_work' = %(work)s::text
order by class.relname
