-- name: made_prune
-- params: schema text
-- returns: nothing; the ledger no longer names what is gone from a schema
delete from synth.made as made
where
    made.schema_name = %(schema)s::text
    and not exists (
        select from pg_catalog.pg_class as class
        where made.class_id = 'pg_catalog.pg_class'::regclass and made.object_id = class.oid
    )
    and not exists (
        select from pg_catalog.pg_proc as proc
        where made.class_id = 'pg_catalog.pg_proc'::regclass and made.object_id = proc.oid
    )
    and not exists (
        select from pg_catalog.pg_namespace as namespace
        where
            made.class_id = 'pg_catalog.pg_namespace'::regclass
            and made.object_id = namespace.oid
    )
