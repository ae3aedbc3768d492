-- name: prebuilt_clone
-- params: {database} the copy, {template} which nobody may be connected to
-- returns: nothing; must run outside a transaction
create database {database} template {template}
