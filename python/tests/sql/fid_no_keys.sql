-- name: fid_no_keys
-- params: none
-- returns: nothing; faults do not ask foreign keys for leave
set local session_replication_role = replica
