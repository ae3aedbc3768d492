-- name: copy_blocks
-- params: {table}; first_tid, last_tid text (block range, the last excluded)
-- returns: nothing; copies the rows of some blocks
insert into bench_copy.{table}
select *
from perf_synthetic.{table}
where ctid >= %(first_tid)s::tid and ctid < %(last_tid)s::tid
