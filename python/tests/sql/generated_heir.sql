-- name: generated_heir
-- params: none
-- returns: nothing; somebody's table, with a row, that inherits from one of a run
create schema heir;
create table heir.staff (salary integer) inherits (perf_synthetic.users);
insert into heir.staff (id, salary) values (1, 1);
