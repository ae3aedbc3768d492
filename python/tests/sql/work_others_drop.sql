-- name: work_others_drop
-- params: none
-- returns: nothing
drop view mine.rooms;
drop table perf_synthetic_work.own;
