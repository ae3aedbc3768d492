-- name: others_names
-- params: none
-- returns: nothing; in the place of generated tables somebody's own, with the same names
drop schema perf_synthetic cascade;
create schema perf_synthetic;
create table perf_synthetic.users as select 1 as id;
create table perf_synthetic.messages as select 1 as id;
