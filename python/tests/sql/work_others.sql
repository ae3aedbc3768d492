-- name: work_others
-- params: none
-- returns: nothing; a view of somebody else's on the working tables, and a table among them
create schema mine;
create view mine.rooms as select * from perf_synthetic_work.room;
create table perf_synthetic_work.own as select 1 as id;
