-- name: source_views
-- params: schema: of the application's tables, or of the role's views
-- returns: system text: this database, on its primary and on every replica alike; definitions text, null where the schema has no view; key_file text: the storage of the
--   pseudonyms' key, which another key changes; null where no view uses one

with

views as (

    select
        classes.oid,
        classes.relname
    from pg_class as classes
    inner join pg_namespace as namespaces on classes.relnamespace = namespaces.oid
    where namespaces.nspname = %(schema)s and classes.relkind = 'v'

),

keys as (

    select distinct classes.oid, classes.relfilenode
    from views
    inner join pg_rewrite as rules on views.oid = rules.ev_class
    inner join pg_depend as uses
        on
            uses.classid = 'pg_rewrite'::regclass
            and rules.oid = uses.objid
            and uses.refclassid = 'pg_class'::regclass
    inner join pg_class as classes on uses.refobjid = classes.oid
    where classes.relname = 'pseudonym_key'

)

select
    (
        select control.system_identifier || ':' || databases.oid
        from pg_control_system() as control
        cross join pg_database as databases
        where databases.datname = current_database()
    ) as system,
    (
        select string_agg(relname || ' ' || pg_get_viewdef(oid), e'\n' order by relname)
        from views
    ) as definitions,
    (select string_agg(oid || ':' || relfilenode, ',' order by oid) from keys) as key_file
