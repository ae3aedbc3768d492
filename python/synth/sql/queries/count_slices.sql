-- name: count_slices
-- params: slice_edges bigint[] (first millisecond of every slice but the first)
-- returns: nothing; fills slice: rows per slice and the ids before it
insert into {work}.slice
with

counted as (

    select
        width_bucket(sent_ms, %(slice_edges)s::bigint[]) as slice_no,
        count(*) as n_messages,
        sum(n_attachments)::bigint as n_attachments
    from {work}.timeline
    group by 1

)

select
    slice_no,
    n_messages,
    n_attachments,
    (sum(n_messages) over (order by slice_no) - n_messages)::bigint as message_offset,
    (sum(n_attachments) over (order by slice_no) - n_attachments)::bigint as attachment_offset
from counted
