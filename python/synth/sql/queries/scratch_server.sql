-- name: scratch_server
-- params: the server, the role, the views' schema (both as literals, too), the shape's schema;
--   host, port, dbname, session: options of the connection
-- returns: nothing; lets a scratch database read the role's views on another server
-- The session options make what comes from here read-only on that server, whatever the role may.

create extension if not exists postgres_fdw;
-- Ours is made anew; a server of this name without our views is somebody's, and stops this script.
do $prodshape$
begin
    if to_regnamespace({views_name}) is not null then
        drop server if exists {server} cascade;
    end if;
end
$prodshape$;
create server {server} foreign data wrapper postgres_fdw options (
    host {host}, port {port}, dbname {dbname}, application_name 'prodshape',
    fetch_size '20000', use_remote_estimate 'true',
    options {session}
);
do $prodshape$
begin
    if not exists (select 1 from pg_roles where rolname = {role_name}) then
        create role {role} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls;
    end if;
end
$prodshape$;
grant usage on foreign server {server} to {role};
create schema if not exists {shape_schema} authorization {role};
comment on schema {shape_schema} is 'prodshape: the shape';
create schema if not exists {views_schema};
comment on schema {views_schema} is 'prodshape: the views';
grant usage on schema {views_schema} to {role}
