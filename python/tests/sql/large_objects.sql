-- name: large_objects
-- params: none
-- returns: one row per large object of the database
select oid from pg_catalog.pg_largeobject_metadata
