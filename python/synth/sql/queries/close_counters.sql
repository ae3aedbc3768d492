-- name: close_counters
-- params: object_id bigint (of open_counters)
-- returns: one row; removes the large object and closes its descriptors
select lo_unlink(%(object_id)s::oid)
