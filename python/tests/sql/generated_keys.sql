-- name: generated_keys
-- params: none; the test runs one kind of key, then the repeat, and rolls both back
-- returns: nothing
-- Primary keys, of which all but the valid one prove nothing, and a message that stands twice

-- key: absent
select 1;

-- key: wider
alter table perf_synthetic.messages add primary key (id, "createdAt");

-- key: unfinished
alter table perf_synthetic.messages add primary key (id);
update pg_catalog.pg_index
set indisvalid = false, indisready = false
where indrelid = 'perf_synthetic.messages'::regclass;

-- key: valid
alter table perf_synthetic.messages add primary key (id);

-- key: repeat
insert into perf_synthetic.messages
select
    id,
    "conversationId",
    "senderId",
    type,
    content,
    "createdAt" + interval '1 millisecond'
from perf_synthetic.messages
where id = (select min(id) from perf_synthetic.messages);
