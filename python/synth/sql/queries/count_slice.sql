-- name: count_slice
-- params: slice_no integer
-- returns: nothing; one row of slice, unless nothing was written then
insert into {work}.slice (slice_no, n_messages)
select
    %(slice_no)s::integer as slice_no,
    sum(n_messages)::bigint as n_messages
from {work}.{partition}
having count(*) > 0
