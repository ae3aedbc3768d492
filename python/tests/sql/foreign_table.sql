-- name: foreign_table
-- params: none
-- returns: nothing; somebody else's table in the schema
create schema perf_synthetic;
create table perf_synthetic.users as select 1 as id;
