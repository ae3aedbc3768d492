-- name: foreign_table_rows
-- params: none
-- returns: n_rows bigint
select count(*) as n_rows from perf_synthetic.users
