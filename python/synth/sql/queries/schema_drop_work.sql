-- name: schema_drop_work
-- params: none
-- returns: nothing; a working schema holds nothing that the spec and the seed do not
drop schema if exists {work} cascade
