-- name: generated_attachment_ids
-- params: stride bigint
-- returns: n_wrong bigint: attachments whose id is not their message's times the stride, plus
--          their place among its files
select count(*) as n_wrong
from (
    select
        id,
        "messageId" as message_id,
        row_number() over (partition by "messageId" order by id) as place_no
    from perf_synthetic.attachments
) as numbered
where id <> message_id * %(stride)s + place_no or place_no >= %(stride)s
