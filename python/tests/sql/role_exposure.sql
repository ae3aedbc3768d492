-- the right to read app.messages
grant select (content) on app.messages to shape_reader; grant usage on schema app to shape_reader;
revoke usage on schema app from shape_reader;
-- bodies exposing column content (text), bodies exposing column id (bigint), bodies without security_barrier
create view shape_source.bodies as table app.messages; grant select (content, id) on shape_source.bodies to shape_reader;
drop view shape_source.bodies;
-- users without security_barrier
alter view shape_source.users reset (security_barrier);
alter view shape_source.users set (security_barrier = true);
-- conversations exposing column title (text)
alter view shape_source.conversations rename column conversation_type to title;
alter view shape_source.conversations rename column title to conversation_type;
-- the right to run public.bodies as its owner
create function public.bodies() returns setof text language sql security definer as 'select content from app.messages';
drop function public.bodies();
-- the right to read prodshape_ledger.bodies
create view prodshape_ledger.bodies as table app.messages; grant select on prodshape_ledger.bodies to shape_reader;
drop view prodshape_ledger.bodies;
-- the right to read 1 large objects
select lo_from_bytea(0, 'a body'); do $$ begin execute format('grant select on large object %s to public', (select max(oid) from pg_largeobject_metadata)); end $$;
select lo_unlink(oid) from pg_largeobject_metadata;
-- the right to become synth_keeper
create role synth_keeper; grant synth_keeper to shape_reader;
drop role synth_keeper;
