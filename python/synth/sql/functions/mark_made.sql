-- name: synth.mark_made
-- returns: number of objects marked: the relations and functions of these names in a schema, and the
--          schema itself where it is said to be ours
-- The mark is a comment and a line in the ledger with the object's oid. To be called in the
-- transaction that made the objects: only there is a name a proof.
create or replace function synth.mark_made(
    p_made_by text,
    p_mark text,
    p_schema text,
    p_relations text[],
    p_functions text[],
    p_is_schema_ours boolean
)
returns integer
language plpgsql
volatile
strict
parallel unsafe
set search_path = pg_catalog, pg_temp
-- An identity is compared as a text.
set quote_all_identifiers = off
as $$
declare
    v_object record;
    v_marked integer := 0;
begin
    for v_object in
        select
            'table' as kind,
            'pg_class'::regclass::oid as class_id,
            class.oid as object_id,
            class.oid::regclass::text as identity
        from pg_class as class
        where
            class.relnamespace = quote_ident(p_schema)::regnamespace
            and class.relname = any(p_relations)
            and class.relkind in ('r', 'p')
        union all
        select 'function', 'pg_proc'::regclass::oid, oid, oid::regprocedure::text
        from pg_proc
        where
            pronamespace = quote_ident(p_schema)::regnamespace
            and proname = any(p_functions)
        union all
        select 'schema', 'pg_namespace'::regclass::oid, oid, oid::regnamespace::text
        from pg_namespace
        where nspname = p_schema and p_is_schema_ours
    loop
        execute format('comment on %s %s is %L', v_object.kind, v_object.identity, p_mark);
        insert into synth.made (class_id, object_id, made_by, schema_name, identity, mark)
        values (
            v_object.class_id, v_object.object_id, p_made_by, p_schema, v_object.identity, p_mark
        )
        on conflict (class_id, object_id) do update set
            made_by = excluded.made_by,
            schema_name = excluded.schema_name,
            identity = excluded.identity,
            mark = excluded.mark,
            definition = null;
        v_marked := v_marked + 1;
    end loop;
    return v_marked;
end
$$;
