-- name: generated_messages
-- params: none
-- returns: milliseconds, type and length of every synthetic message, in time order
select
    round(extract(epoch from "createdAt") * 1000)::bigint as sent_ms,
    type,
    length(content) as content_length
from perf_synthetic.messages
order by 1, 3, 2
