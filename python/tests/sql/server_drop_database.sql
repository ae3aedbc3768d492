-- name: server_drop_database
-- params: {database} the name
-- returns: nothing; ends its sessions first; must run outside a transaction

drop database if exists {database} with (force)
