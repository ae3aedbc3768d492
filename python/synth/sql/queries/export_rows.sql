-- name: export_rows
-- params: none
-- returns: every row of a table
select * from {schema}.{table}
