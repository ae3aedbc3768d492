-- name: own_slices
-- params: work text: a run's working schema
-- returns: table_id oid; partition text; statement text, which drops it: the partitions of its
--          timeline that a run made
select
    objects.object_id as table_id,
    class.relname::text as partition,
    'drop table ' || objects.identity as statement
from synth.own_objects() as objects
inner join pg_catalog.pg_class as class on objects.object_id = class.oid
where
    objects.schema_name = %(work)s::text
    and objects.class_id = 'pg_catalog.pg_class'::regclass
    and class.relispartition
order by class.relname
