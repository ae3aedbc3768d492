-- name: made_forget
-- params: table_id oid
-- returns: nothing; the ledger no longer names a table, which is dropped in the same transaction
delete from synth.made
where class_id = 'pg_catalog.pg_class'::regclass and object_id = %(table_id)s::oid
