-- name: work_others_rows
-- params: none
-- returns: n_rows bigint; fails unless both are still there
select count(*) as n_rows
from perf_synthetic_work.own
where (select count(*) from mine.rooms) >= 0
