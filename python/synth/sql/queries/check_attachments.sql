-- name: check_attachments
-- params: none
-- returns: check_name text, n_bad bigint: an attachment has a message that is not text only
select
    'attachments are on media messages' as check_name,
    count(*) as n_bad
from {schema}.attachments as attachments
left join {schema}.messages as messages on attachments."messageId" = messages.id
where
    messages.id is null
    or messages.type = 'TEXT'
    or attachments."createdAt" < messages."createdAt"
    or attachments."createdAt" is null
