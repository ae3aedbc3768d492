-- name: standin_drop_schema
-- params: {schema} a schema that standin_create_schema marked
-- returns: nothing
-- Cascades to dbt's staging views, which the next build makes again.

drop schema if exists {schema} cascade;
