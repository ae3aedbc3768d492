-- name: generated_break
-- params: none
-- returns: nothing; an attachment of no message, with the id of another
insert into perf_synthetic.attachments (id, "messageId")
select id, -1
from perf_synthetic.attachments
order by id
limit 1
