-- name: owned_work
-- params: none
-- returns: nothing; somebody's schema with the name of a run's working schema, and its names
create schema foo_work;
create table foo_work.intact as select true as is_intact;
create table foo_work.timeline as select 1 as day;
create function foo_work.as_id(integer, bigint) returns bigint language sql return 1;
