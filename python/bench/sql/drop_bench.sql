-- name: drop_bench
-- params: none
-- returns: nothing; drops the views and what pgbench made
drop schema if exists app cascade;
drop table if exists pgbench_accounts, pgbench_branches, pgbench_history, pgbench_tellers;
