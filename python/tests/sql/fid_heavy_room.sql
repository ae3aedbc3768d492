-- name: fid_heavy_room
-- params: none; the test runs these parts in turn, and rolls back
-- returns: nothing
-- A population one of whose rooms holds two fifths of all messages: two draws of it, and the second
-- without that room

-- part: pack
create temporary table homes on commit drop as
select
    id,
    "conversationId"
from perf_synthetic.messages;
update perf_synthetic.messages
set "conversationId" = (select min("conversationId") from perf_synthetic.messages)
where id % 5 < 2;

-- part: draw
update perf_synthetic.messages as messages
set "conversationId" = homes."conversationId"
from homes
where messages.id = homes.id and messages."conversationId" <> homes."conversationId";
update perf_synthetic.messages
set "conversationId" = (select max("conversationId") from perf_synthetic.messages)
where id % 5 > 2;

-- part: removed
delete from perf_synthetic.messages
where "conversationId" = (select max("conversationId") from perf_synthetic.messages);
