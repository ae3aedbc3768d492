-- name: made_changes
-- params: made_by, schema text
-- returns: identity text: a thing that a run made in a schema; what text: what became of it since
select
    made.identity,
    case
        when class.oid is null and proc.oid is null and namespace.oid is null then 'dropped'
        when
            class.oid is not null
            and made.identity <> format('%%I.%%I', home.nspname, class.relname)
            then format('renamed to %%I.%%I', home.nspname, class.relname)
        when own.object_id is null then 'given another comment, the mark of its run,'
        else 'altered'
    end as what
from synth.made as made
left join synth.own_objects() as own
    on made.class_id = own.class_id and made.object_id = own.object_id
left join pg_catalog.pg_class as class
    on made.class_id = 'pg_catalog.pg_class'::regclass and made.object_id = class.oid
left join pg_catalog.pg_namespace as home on class.relnamespace = home.oid
left join pg_catalog.pg_proc as proc
    on made.class_id = 'pg_catalog.pg_proc'::regclass and made.object_id = proc.oid
left join pg_catalog.pg_namespace as namespace
    on made.class_id = 'pg_catalog.pg_namespace'::regclass and made.object_id = namespace.oid
left join synth.table_definitions(%(schema)s::text) as tables on class.oid = tables.table_id
where
    made.made_by = %(made_by)s::text
    and made.schema_name = %(schema)s::text
    and (
        own.object_id is null
        or (
            made.definition is not null
            and (
                concat_ws(' of ', tables.definition, tables.parent_id) <> made.definition
                or tables.is_extended
            )
        )
    )
order by made.identity
