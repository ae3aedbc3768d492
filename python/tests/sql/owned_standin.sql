-- name: owned_standin
-- params: none
-- returns: nothing; a table and a view of somebody's in and on a stand-in
create table app.precious as select 1 as id;
create view public.people as select count(*) as n_rows from app.users;
