-- name: lock_relations
-- params: {relations}: tables, qualified and quoted, between commas
-- returns: nothing; until the transaction ends nobody replaces or empties them
lock table {relations} in access share mode
