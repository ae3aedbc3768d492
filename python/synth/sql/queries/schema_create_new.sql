-- name: schema_create_new
-- params: none
-- returns: nothing; fails where a schema of that name is there: it would be somebody else's
create schema {schema}
