-- name: fid_faults
-- params: none; the test runs the faults of one batch, undoes them and runs the next
-- returns: nothing
-- Faults of a generated database, each headed by "fault batch: what | check that should catch it".
-- Those of a batch do not touch what the others' checks look at.

-- fault 1: conversation types swapped | conversation_types
update perf_synthetic.conversations
set type = case type
    when 'DIRECT_MESSAGE' then 'GROUP_CHAT' when 'GROUP_CHAT' then 'DIRECT_MESSAGE' else type
end;

-- fault 1: message types swapped | message_types
update perf_synthetic.messages
set type = case type when 'TEXT' then 'IMAGE' when 'IMAGE' then 'TEXT' else type end;

-- fault 1: lengths times 1.2 | content_length
update perf_synthetic.messages set content = content || left(content, length(content) / 5);

-- fault 1: one device | device_mix
update perf_synthetic.users set "lastDevice" = 'ios';

-- fault 1: long user names | username_length
update perf_synthetic.users set username = username || 'abcdef';

-- fault 1: no pictures | profile_completeness
update perf_synthetic.users set "avatarUrl" = null;

-- fault 1: everything read late | read_immediate
update perf_synthetic.message_reads as reads
set "readAt" = messages."createdAt" + (reads."readAt" - messages."createdAt") * 10
from perf_synthetic.messages as messages
where reads."messageId" = messages.id;

-- fault 1: attachments of one type | attachment_types
update perf_synthetic.attachments set type = 'image';

-- fault 1: attachments ten times as large | attachment_size
update perf_synthetic.attachments set "sizeBytes" = "sizeBytes" * 10;

-- fault 2: media turned into text | media_ratio
update perf_synthetic.messages set type = 'TEXT' where id % 2 = 0;

-- fault 2: lengths all alike | content_length_histogram
update perf_synthetic.messages set content = repeat('x', 40);

-- fault 2: hours of the day flattened | hour_of_day
update perf_synthetic.messages
set "createdAt" = "createdAt" - make_interval(hours => cast("conversationId" * 7 % 24 as integer));

-- fault 2: everybody in small rooms | members_per_conversation
delete from perf_synthetic.conversation_users as members
using (
    select
        "conversationId",
        "userId",
        row_number() over (partition by "conversationId" order by "userId") as position
    from perf_synthetic.conversation_users
) as numbered
where
    members."conversationId" = numbered."conversationId"
    and members."userId" = numbered."userId"
    and numbered.position > 3;

-- fault 2: half of the messages unread | read_rate
delete from perf_synthetic.message_reads where "messageId" % 2 = 0;

-- fault 2: every attachment twice | attachments_per_media_message
insert into perf_synthetic.attachments
select
    id + 100000000,
    "messageId",
    type,
    "fileName",
    url,
    "sizeBytes",
    "createdAt"
from perf_synthetic.attachments;

-- fault 3: tail of sizes cut | messages_per_conversation_p95, messages_per_conversation_tail
delete from perf_synthetic.messages
where id in (
    select numbered.id
    from (
        select
            id,
            row_number() over (partition by "conversationId" order by id) as position
        from perf_synthetic.messages
    ) as numbered
    where numbered.position > 40
);

-- fault 3: weekends like any day | day_of_week
update perf_synthetic.messages
set "createdAt" = "createdAt" - make_interval(days => cast("conversationId" % 7 as integer));

-- fault 3: a second reader where anybody is left | receipts_per_message
insert into perf_synthetic.message_reads ("messageId", "userId", "readAt")
select distinct on (reads."messageId")
    reads."messageId",
    members."userId",
    reads."readAt"
from perf_synthetic.message_reads as reads
inner join perf_synthetic.messages as messages on reads."messageId" = messages.id
inner join perf_synthetic.conversation_users as members
    on messages."conversationId" = members."conversationId"
where
    members."userId" <> messages."senderId"
    and not exists (
        select 1 from perf_synthetic.message_reads as other
        where other."messageId" = reads."messageId" and other."userId" = members."userId"
    )
order by reads."messageId", members."userId";

-- fault 4: the heaviest rooms removed | concentration
delete from perf_synthetic.messages
where "conversationId" in (
    select "conversationId" from perf_synthetic.messages
    group by "conversationId"
    order by count(*) desc
    limit 40
);

-- fault 4: receipts before their messages | read_delay
update perf_synthetic.message_reads as reads
set "readAt" = messages."createdAt" - interval '1 minute'
from perf_synthetic.messages as messages
where reads."messageId" = messages.id;

-- fault 5: half of every room lost | messages_per_conversation_histogram
delete from perf_synthetic.messages where id % 3 > 0;

-- fault 5: no large groups | size_mix
delete from perf_synthetic.conversation_users as members
using (
    select
        "conversationId",
        "userId",
        row_number() over (partition by "conversationId" order by "userId") as position
    from perf_synthetic.conversation_users
) as numbered
where
    members."conversationId" = numbered."conversationId"
    and members."userId" = numbered."userId"
    and numbered.position > 3;

-- fault 5: pictures at night only | hour_by_type
update perf_synthetic.messages
set "createdAt" = date_trunc('day', "createdAt", 'UTC') + interval '3 hours'
where type != 'TEXT';

-- fault 6: bursts removed, gaps all alike | burstiness_by_conversation, inter_arrival
update perf_synthetic.messages as messages
set "createdAt" = spread.first_at + spread.step * spread.position
from (
    select
        id,
        min("createdAt") over room as first_at,
        (max("createdAt") over room - min("createdAt") over room)
        / greatest(count(*) over room - 1, 1) as step,
        row_number() over (partition by "conversationId" order by "createdAt", id) - 1 as position
    from perf_synthetic.messages
    window room as (partition by "conversationId")
) as spread
where messages.id = spread.id;

-- fault 6: one busiest sender | sender_dominance
update perf_synthetic.messages as messages
set "senderId" = first."senderId"
from (
    select distinct on ("conversationId")
        "conversationId",
        "senderId"
    from perf_synthetic.messages
    order by "conversationId", id
) as first
where messages."conversationId" = first."conversationId" and messages.id % 4 > 0;

-- fault 7: rooms ten times as short-lived | lifetime
update perf_synthetic.messages as messages
set "createdAt" = room.first_at + (messages."createdAt" - room.first_at) / 10
from (
    select
        "conversationId",
        min("createdAt") as first_at
    from perf_synthetic.messages
    group by "conversationId"
) as room
where messages."conversationId" = room."conversationId";

-- fault 7: monologues | distinct_senders
update perf_synthetic.messages as messages
set "senderId" = first."senderId"
from (
    select distinct on ("conversationId")
        "conversationId",
        "senderId"
    from perf_synthetic.messages
    order by "conversationId", id
) as first
where messages."conversationId" = first."conversationId";

-- fault 8: all rooms just active | recency
update perf_synthetic.messages as messages
set "createdAt" = messages."createdAt" + (room.last_at - mine.last_at) * 0.9
from
    (
        select
            "conversationId",
            max("createdAt") as last_at
        from perf_synthetic.messages
        group by "conversationId"
    ) as mine,
    (select max("createdAt") as last_at from perf_synthetic.messages) as room
where messages."conversationId" = mine."conversationId";

-- fault 8: twice the accounts, nobody behind them | users_per_message
insert into perf_synthetic.users (id, username, email, "createdAt")
select
    id + 100000000,
    username || 'x',
    email || 'x',
    "createdAt"
from perf_synthetic.users;

-- fault 8: senders drawn with equal chances | messages_common_share
update perf_synthetic.messages as messages
set "senderId" = drawn.id
from (
    select
        id,
        row_number() over (order by id) as position,
        count(*) over () as n_users
    from perf_synthetic.users
) as drawn
where messages.id % drawn.n_users + 1 = drawn.position;
analyze perf_synthetic.messages;

-- fault 9: heap clustered by conversation | messages_heap_correlation
create temporary table clustered on commit drop as
select * from perf_synthetic.messages
order by "conversationId", id;
delete from perf_synthetic.messages;
alter table perf_synthetic.messages drop constraint if exists messages_pkey cascade;
insert into perf_synthetic.messages select * from clustered
order by "conversationId", id;
analyze perf_synthetic.messages;

-- fault 9: as many empty rooms again | conversations_per_message
insert into perf_synthetic.conversations (id, type, "createdAt", "updatedAt")
select
    id + 100000000,
    type,
    "createdAt",
    "updatedAt"
from perf_synthetic.conversations;
