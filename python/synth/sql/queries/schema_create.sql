-- name: schema_create
-- params: none
-- returns: nothing
create schema if not exists {schema}
