-- name: schema_drop
-- params: {schema} any schema
-- returns: nothing

drop schema if exists {schema} cascade;
