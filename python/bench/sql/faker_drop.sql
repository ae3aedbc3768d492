-- name: faker_drop
-- params: none
-- returns: nothing
drop schema if exists bench_faker cascade;
