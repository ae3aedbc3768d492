-- name: role_drop
-- params: the role, the views' schema, the key's schema, and the server of a scratch database
-- returns: nothing; takes back what role_create and role_view made, the shape included, or
--   scratch_server; the ledger of past packs stays, whoever made it

do $prodshape$
begin
    if to_regnamespace('prodshape_ledger') is not null then
        alter schema prodshape_ledger owner to current_user;
        alter table if exists prodshape_ledger.release owner to current_user;
        alter function prodshape_ledger.refuse() owner to current_user;
    end if;
end
$prodshape$;
drop owned by {role};
drop schema if exists {views_schema} cascade;
drop schema if exists {key_schema} cascade;
drop server if exists {server} cascade;
drop role {role}
