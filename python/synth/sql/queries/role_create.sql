-- name: role_create
-- params: the role and its name as a literal, the views' schema, the shape's schema, the key's
--   schema, the database, a limit
-- returns: nothing; makes the role and its schemas, for a DBA to run; what is there stays

do $prodshape$
begin
    if not exists (select 1 from pg_roles where rolname = {role_name}) then
        create role {role} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls;
    end if;
end
$prodshape$;
alter role {role} connection limit {connection_limit};
grant connect on database {database} to {role};

-- Its own: what dbt builds. The comment marks it as Prodshape's.
create schema if not exists {shape_schema} authorization {role};
comment on schema {shape_schema} is 'prodshape: the shape';

-- The views it reads, and the key of their pseudonyms, which it cannot read. A key that is there
-- stays, so that pseudonyms do.
create schema if not exists {views_schema};
comment on schema {views_schema} is 'prodshape: the views';
grant usage on schema {views_schema} to {role};
create schema if not exists {key_schema};
comment on schema {key_schema} is 'prodshape: the key';
revoke all on schema {key_schema} from public;
create table if not exists {key_schema}.pseudonym_key (
    is_only boolean primary key default true check (is_only),
    secret bytea not null,
    seed bigint not null
);
revoke all on table {key_schema}.pseudonym_key from public;
-- gen_random_uuid() draws from the server's strong random source, 122 bits each.
insert into {key_schema}.pseudonym_key (secret, seed)
select
    sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())),
    ('x' || encode(substr(sha256(uuid_send(gen_random_uuid())), 1, 8), 'hex'))::bit(64)::bigint
where not exists (select 1 from {key_schema}.pseudonym_key)
