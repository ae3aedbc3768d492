-- name: attached_partition
-- params: none
-- returns: nothing; a table of somebody else's with a row, attached to the generated messages
create schema mine;
create table mine.archive (like perf_synthetic.messages);
insert into mine.archive
select
    id + 100000,
    "conversationId",
    "senderId",
    type,
    content,
    '2010-01-05'
from perf_synthetic.messages
limit 1;
alter table perf_synthetic.messages attach partition mine.archive
for values from ('2010-01-01') to ('2010-02-01');
