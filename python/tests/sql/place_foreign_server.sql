-- name: place_foreign_server
-- params: none
-- returns: nothing; the database reads from another
create foreign data wrapper far;
create server far foreign data wrapper far;
