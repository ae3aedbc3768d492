-- name: owned_changes
-- params: none; the test runs one statement, and then the one that undoes it
-- returns: nothing
-- What somebody may do to a run that is under way, each headed by "change: what, what is said"

-- change: a table less, was dropped
drop table perf_synthetic.attachments;
-- undo:

-- change: another name, was renamed to perf_synthetic.reads
alter table perf_synthetic.message_reads rename to reads;
-- undo:
alter table perf_synthetic.reads rename to message_reads;

-- change: another schema, was renamed to public.users
alter table perf_synthetic.users set schema public;
-- undo:
alter table public.users set schema perf_synthetic;

-- change: a column more, was altered
alter table perf_synthetic.messages add column note text default 'x';
-- undo:
alter table perf_synthetic.messages drop column note;

-- change: another type, was altered
alter table perf_synthetic.attachments alter column "fileName" type varchar(9);
-- undo:
alter table perf_synthetic.attachments alter column "fileName" type text;

-- change: a default, was altered
alter table perf_synthetic.users alter column bio set default 'x';
-- undo:
alter table perf_synthetic.users alter column bio drop default;

-- change: a trigger, was altered
create function public.nothing() returns trigger language plpgsql as 'begin return null; end';
create trigger nothing before insert on perf_synthetic.conversations
for each row execute function public.nothing();
-- undo:
drop function public.nothing() cascade;

-- change: another comment, was given another comment
comment on table perf_synthetic.users is 'mine';
-- undo:

-- change: a working table less, 
drop table perf_synthetic_work.room;
-- undo:

-- change: a slice less, 
drop table perf_synthetic_work.timeline_0000;
-- undo:

-- change: all working tables less, 
drop schema perf_synthetic_work cascade;
-- undo:
