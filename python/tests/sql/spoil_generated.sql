-- name: spoil_generated
-- params: none
-- returns: nothing; another mix of types, bodies half as long again, and no large rooms
update perf_synthetic.messages
set
    type = case when id % 3 = 0 then 'VIDEO' else type end,
    content = content || left(content, length(content) / 2);
update perf_synthetic.conversations set type = 'CHANNEL' where id % 4 = 0;
