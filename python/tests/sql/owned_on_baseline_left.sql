-- name: owned_on_baseline_left
-- params: none
-- returns: n_rows bigint; fails unless the view and the table are there
select n_rows
from public.figures
cross join shape.fid_mine
