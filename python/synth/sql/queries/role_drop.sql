-- name: role_drop
-- params: the role, the views' schema and the key's schema
-- returns: nothing; takes back what role_create and role_view made, the shape included

drop owned by {role};
drop schema {views_schema} cascade;
drop schema {key_schema} cascade;
drop role {role}
