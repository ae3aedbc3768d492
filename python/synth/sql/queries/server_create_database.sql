-- name: server_create_database
-- params: {database} the name
-- returns: nothing; must run outside a transaction

create database {database}
