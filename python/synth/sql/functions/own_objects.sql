-- name: synth.own_objects
-- returns: what is in the ledger of what synth made and is still the object it was: of that oid,
--          name and comment. A copy has another oid; a renamed or dumped and restored object is
--          whoever's did that.
create or replace function synth.own_objects()
returns table (
    class_id oid, object_id oid, made_by text, schema_name text, identity text, definition text
)
language sql
stable
set search_path = pg_catalog, pg_temp
-- An identity is compared as a text.
set quote_all_identifiers = off
as $$
select
    made.class_id,
    made.object_id,
    made.made_by,
    made.schema_name,
    made.identity,
    made.definition
from synth.made as made
where
    made.identity = case made.class_id
        when 'pg_class'::regclass then made.object_id::regclass::text
        when 'pg_proc'::regclass then made.object_id::regprocedure::text
        else made.object_id::regnamespace::text
    end
    and made.mark = obj_description(made.object_id, made.class_id::regclass::name)
$$;
