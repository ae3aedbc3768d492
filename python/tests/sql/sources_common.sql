-- Make the stand-in expressible in other schemas: whole milliseconds, one direct conversation for
-- each pair of people and none without a message, and receipts up to a watermark per member.
update app.messages set "createdAt" = date_trunc('milliseconds', "createdAt");

create temp table doomed as
select conversations.id
from app.conversations
left join lateral (
    select
        count(*) as n_members,
        min("userId") as first_id,
        max("userId") as second_id
    from app.conversation_users
    where "conversationId" = conversations.id
) as pairs on true
where
    conversations.type = 'DIRECT_MESSAGE'
    and (
        pairs.n_members != 2
        or not exists (select 1 from app.messages where "conversationId" = conversations.id)
        or exists (
            select 1 from app.messages
            where
                "conversationId" = conversations.id
                and "senderId" not in (pairs.first_id, pairs.second_id)
        )
        or exists (
            select 1
            from app.conversations as earlier
            inner join app.conversation_users as one on earlier.id = one."conversationId"
            inner join app.conversation_users as two on earlier.id = two."conversationId"
            where
                earlier.type = 'DIRECT_MESSAGE' and earlier.id < conversations.id
                and one."userId" = pairs.first_id and two."userId" = pairs.second_id
        )
    );
delete from app.message_reads
where "messageId" in (select id from app.messages where "conversationId" in (select id from doomed));
delete from app.attachments
where "messageId" in (select id from app.messages where "conversationId" in (select id from doomed));
delete from app.messages where "conversationId" in (select id from doomed);
delete from app.conversation_users where "conversationId" in (select id from doomed);
delete from app.conversations where id in (select id from doomed);

create table public.watermarks as
select
    members."conversationId" as conversation_id,
    members."userId" as user_id,
    percentile_disc(0.8) within group (order by messages."createdAt") as read_up_to,
    date_trunc('milliseconds', percentile_disc(0.8) within group (order by messages."createdAt"))
    + (abs(hashint8(members."userId")) % 5000000) * interval '1 millisecond' as read_at
from app.conversation_users as members
inner join app.messages on members."conversationId" = messages."conversationId"
where abs(hashint8(members."userId" * 31 + members."conversationId")) % 4 = 0
group by members."conversationId", members."userId";

truncate app.message_reads;
insert into app.message_reads ("messageId", "userId", "readAt")
select
    messages.id,
    watermarks.user_id,
    watermarks.read_at
from public.watermarks
inner join app.messages
    on
        watermarks.conversation_id = messages."conversationId"
        and messages."createdAt" <= watermarks.read_up_to
        and watermarks.user_id != messages."senderId";
analyze;
