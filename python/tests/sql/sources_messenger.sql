-- The stand-in in another schema: text ids, epoch milliseconds, soft deletes, numeric type codes,
-- and no receipts, only how far each member has read.
create schema messenger;
create table messenger.accounts as
select
    'u-' || id as uid,
    username as handle,
    bio as about,
    "avatarUrl" as photo,
    phone as tel,
    "displayName" as shown_name,
    case "lastDevice" when 'ios' then 1 when 'android' then 2 when 'web' then 3 when 'desktop' then 4 end
        as platform,
    null::bigint as closed_ms
from app.users;
insert into messenger.accounts (uid, handle, closed_ms)
select
    'gone-' || number,
    'gone' || number,
    1700000000000
from generate_series(1, 300) as number;

create table messenger.rooms as
select
    'r-' || id as room_id,
    case type when 'DIRECT_MESSAGE' then 1 when 'GROUP_CHAT' then 2 else 3 end as kind,
    name as title
from app.conversations;

create table messenger.room_members as
select
    'r-' || members."conversationId" as room_id,
    'u-' || members."userId" as uid,
    (extract(epoch from watermarks.read_up_to) * 1000)::bigint as read_up_to_ms,
    (extract(epoch from watermarks.read_at) * 1000)::bigint as read_ms
from app.conversation_users as members
left join public.watermarks
    on
        members."conversationId" = watermarks.conversation_id
        and members."userId" = watermarks.user_id;

create table messenger.posts as
select
    'p-' || id as post_id,
    'r-' || "conversationId" as room_id,
    'u-' || "senderId" as author,
    case type when 'TEXT' then 0 when 'IMAGE' then 1 when 'FILE' then 2 when 'AUDIO' then 3 when 'VIDEO' then 4 end
        as kind,
    content as body,
    (extract(epoch from "createdAt") * 1000)::bigint as posted_ms,
    null::bigint as deleted_ms
from app.messages;
insert into messenger.posts
select
    'deleted-' || post_id,
    room_id,
    author,
    0,
    'taken back',
    posted_ms + 1000,
    posted_ms + 2000
from messenger.posts
limit 3000;

create table messenger.files as
select
    'f-' || id as file_id,
    'p-' || "messageId" as post_id,
    case type when 'image' then 10 when 'video' then 20 when 'document' then 30 else 40 end as kind,
    "fileName" as file_name,
    "sizeBytes" as n_bytes
from app.attachments;
analyze;
