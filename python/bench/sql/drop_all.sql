-- name: drop_all
-- params: none
-- returns: nothing
drop schema if exists bench_copy cascade;
drop schema if exists bench_faker cascade;
