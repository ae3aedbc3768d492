-- name: faker_prepare
-- params: none
-- returns: nothing; an empty table for the loader with faker
drop schema if exists bench_faker cascade;
create schema bench_faker;
create table bench_faker.messages as table perf_synthetic.messages with no data;
