-- name: generated_reads
-- params: none
-- returns: times of message and receipt of every synthetic receipt, in that order
select
    round(extract(epoch from messages."createdAt") * 1000)::bigint as sent_ms,
    round(extract(epoch from reads."readAt") * 1000)::bigint as read_ms
from perf_synthetic.message_reads as reads
inner join perf_synthetic.messages as messages on reads."messageId" = messages.id
order by 1, 2
