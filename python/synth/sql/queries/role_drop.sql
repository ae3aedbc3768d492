-- name: role_drop
-- params: the role, the views' schema (as a literal, too), the key's schema, the server of a scratch
--   database; literals of schemas of ours (an array of views and key)
-- returns: nothing; takes back what role_create and role_view made, the shape included, or
--   scratch_server; refuses schemas that do not bear Prodshape's comment; the ledger of past packs
--   stays, whoever made it

do $prodshape$
declare
    v_name text;
begin
    foreach v_name in array {our_names} loop
        if exists (
            select 1 from pg_namespace
            where
                nspname = v_name
                and coalesce(obj_description(oid, 'pg_namespace'), '') not like 'prodshape%'
        ) then
            raise exception 'Prodshape: schema % exists and is not Prodshape''s', v_name
                using hint = 'Print the DDL with another --views-schema or --key-schema.';
        end if;
    end loop;
    if to_regnamespace('prodshape_ledger') is not null then
        alter schema prodshape_ledger owner to current_user;
        alter table if exists prodshape_ledger.release owner to current_user;
        alter function prodshape_ledger.refuse() owner to current_user;
    end if;
    -- It was made with the views, so without them a server of this name is somebody else's.
    if to_regnamespace(quote_ident({views_name})) is not null then
        drop server if exists {server} cascade;
    end if;
end
$prodshape$;
drop owned by {role};
drop schema if exists {views_schema} cascade;
drop schema if exists {key_schema} cascade;
drop role {role}
