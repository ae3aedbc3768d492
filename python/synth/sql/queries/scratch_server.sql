-- name: scratch_server
-- params: the server, the role, the views' schema, the shape's schema; host, port, dbname,
--   session: options of the connection
-- returns: nothing; lets a scratch database read the role's views on another server
-- The session options make what comes from here read-only on that server, whatever the role may.

create extension if not exists postgres_fdw;
create server {server} foreign data wrapper postgres_fdw options (
    host {host}, port {port}, dbname {dbname}, application_name 'prodshape',
    fetch_size '20000', use_remote_estimate 'true',
    options {session}
);
create role {role} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls;
grant usage on foreign server {server} to {role};
create schema {shape_schema} authorization {role};
comment on schema {shape_schema} is 'prodshape: the shape';
create schema {views_schema};
grant usage on schema {views_schema} to {role}
