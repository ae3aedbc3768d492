-- name: generated_attachments
-- params: none
-- returns: time of the message, type and size of every synthetic attachment, in that order
select
    round(extract(epoch from messages."createdAt") * 1000)::bigint as sent_ms,
    attachments.type,
    attachments."sizeBytes" as size_bytes
from perf_synthetic.attachments as attachments
inner join perf_synthetic.messages as messages on attachments."messageId" = messages.id
order by 1, attachments.type collate "C", 3
