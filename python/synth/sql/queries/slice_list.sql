-- name: slice_list
-- params: none
-- returns: one row per slice with messages, and how many ids there are before it
select
    slice_no,
    n_messages,
    n_attachments,
    (sum(n_messages) over (order by slice_no) - n_messages)::bigint as message_offset,
    (sum(n_attachments) over (order by slice_no) - n_attachments)::bigint as attachment_offset
from {work}.slice
order by slice_no
