-- name: set_unlogged
-- params: none
-- returns: nothing; an empty table stops writing WAL
alter table {schema}.{table} set unlogged
