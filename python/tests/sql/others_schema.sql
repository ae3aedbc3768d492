-- name: others_schema
-- params: none
-- returns: nothing; a schema that has the name of the generator's working tables
create schema perf_synthetic_work;
create table perf_synthetic_work.precious as select 1 as id;
