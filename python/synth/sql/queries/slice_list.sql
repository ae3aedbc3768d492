-- name: slice_list
-- params: none
-- returns: one row per slice with messages, and how many there are before it
select
    slice_no,
    n_messages,
    (sum(n_messages) over (order by slice_no) - n_messages)::bigint as message_offset
from {work}.slice
order by slice_no
