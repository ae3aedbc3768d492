-- name: role_drop
-- params: the role, the views' schema, the key's schema, and the server of a scratch database
-- returns: nothing; takes back what role_create and role_view made, the shape included, or
--   scratch_server

drop owned by {role};
drop schema if exists {views_schema} cascade;
drop schema if exists {key_schema} cascade;
drop server if exists {server} cascade;
drop role {role}
