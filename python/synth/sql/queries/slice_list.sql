-- name: slice_list
-- params: none
-- returns: one row per slice with messages
select slice_no, n_messages, n_attachments, message_offset, attachment_offset
from {work}.slice
order by slice_no
