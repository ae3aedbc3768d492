-- name: generated_view_rows
-- params: none
-- returns: n_rows bigint
select count(*) as n_rows from perf_synthetic_view
