-- name: narrow_blocks
-- params: {table}, the messages; first_tid, last_tid text (block range, the last excluded)
-- returns: nothing; one narrow row per message, as the timeline has, of numbers that are there
insert into bench_narrow.narrow
select
    "createdAt" as sent_at,
    id as message_key,
    "conversationId"::integer as conversation_id,
    "senderId"::integer as sender_id,
    1::smallint as type_no,
    0::smallint as n_attachments,
    "senderId"::integer as reader_id,
    null::integer [] as other_readers
from perf_synthetic.{table}
where ctid >= %(first_tid)s::tid and ctid < %(last_tid)s::tid
