-- name: owned_slice
-- params: none
-- returns: nothing; a table of somebody's as a partition of a run's timeline
create schema mine;
create table mine.slice (like perf_synthetic_work.timeline);
insert into mine.slice values (99999, 1, 1, 1, '{}');
alter table perf_synthetic_work.timeline attach partition mine.slice for values in (99999);
