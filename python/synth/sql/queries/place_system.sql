-- name: place_system
-- params: none
-- returns: system_identifier bigint: one for a server, its replicas and its physical copies
select system_identifier from pg_catalog.pg_control_system()
