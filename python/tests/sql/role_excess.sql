-- may write 1 tables or sequences that are not its own
grant update on app.messages to shape_reader;
revoke update on app.messages from shape_reader;
-- may write 1 tables or sequences that are not its own
grant update (content) on app.messages to shape_reader;
revoke update (content) on app.messages from shape_reader;
-- may write 1 tables or sequences that are not its own
create sequence app.numbers; grant usage on sequence app.numbers to shape_reader;
drop sequence app.numbers;
-- is a member of pg_stat_scan_tables
grant pg_stat_scan_tables to shape_reader;
revoke pg_stat_scan_tables from shape_reader;
-- may create tables in the source schema
grant create on schema shape_source to shape_reader;
revoke create on schema shape_source from shape_reader;
-- is a member of pg_read_all_data
grant pg_read_all_data to shape_reader;
revoke pg_read_all_data from shape_reader;
-- may create roles
alter role shape_reader createrole;
alter role shape_reader nocreaterole;
-- bypasses row security
alter role shape_reader bypassrls;
alter role shape_reader nobypassrls;
-- may write 1 tables or sequences that are not its own
grant update (pack_sha256) on prodshape_ledger.release to shape_reader;
revoke update (pack_sha256) on prodshape_ledger.release from shape_reader;
-- may write 1 tables or sequences that are not its own
grant delete on prodshape_ledger.release to shape_reader;
revoke delete on prodshape_ledger.release from shape_reader;
-- may create in schema prodshape_ledger
grant create on schema prodshape_ledger to shape_reader;
revoke create on schema prodshape_ledger from shape_reader;
-- may write 1 tables or sequences that are not its own
create table prodshape_ledger.other (n int); grant insert on prodshape_ledger.other to shape_reader;
drop table prodshape_ledger.other;
-- may write 1 tables or sequences that are not its own
create schema other_ledger; alter table prodshape_ledger.release set schema other_ledger; grant usage on schema other_ledger to shape_reader;
alter table other_ledger.release set schema prodshape_ledger; drop schema other_ledger;
-- may write 1 tables or sequences that are not its own
create role synth_keeper; grant update on app.messages to synth_keeper; alter role shape_reader noinherit; grant synth_keeper to shape_reader;
revoke synth_keeper from shape_reader; alter role shape_reader inherit; drop owned by synth_keeper; drop role synth_keeper;
-- may write 1 tables or sequences that are not its own
alter table app.messages owner to shape_reader; revoke all on app.messages from shape_reader;
alter table app.messages owner to postgres;
-- may become synth_keeper
create role synth_keeper createrole; grant synth_keeper to shape_reader;
drop role synth_keeper;
-- may create in schema notes
create schema notes; grant create on schema notes to shape_reader;
drop schema notes;
-- may create in schema public (revoke create on schema public from public)
grant create on schema public to public;
revoke create on schema public from public;
