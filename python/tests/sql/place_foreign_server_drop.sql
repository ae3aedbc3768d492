-- name: place_foreign_server_drop
-- params: none
-- returns: nothing; and does not any more
drop foreign data wrapper far cascade;
