-- The stand-in in a third schema: direct messages as pairs of columns, a JSON payload that says
-- the type, every edit a row, MIME types, times without zone, no keys at all.
create schema desk;
create table desk.people as
select
    id::integer as nr,
    username::varchar(200) as nick,
    jsonb_build_object('bio', bio, 'phone', phone, 'picture', "avatarUrl", 'name', "displayName")
        as profile,
    case "lastDevice"
        when 'ios' then 'iOS 17.1' when 'android' then 'Android 14' when 'web' then 'Mozilla/5.0'
        when 'desktop' then 'Desk 4.2'
    end as client
from app.users;

create table desk.teams as
select
    id as team_nr,
    type = 'CHANNEL' as is_public
from app.conversations
where type != 'DIRECT_MESSAGE';

create table desk.team_people as
select
    "conversationId" as team_nr,
    "userId" as nr
from app.conversation_users
inner join desk.teams on conversation_users."conversationId" = teams.team_nr;

-- Version 1 is what was sent; every third message was edited, from something longer.
create table desk.versions as
select
    messages.id as message_nr,
    versions.version,
    messages."senderId" as from_nr,
    others."userId" as to_nr,
    teams.team_nr,
    jsonb_strip_nulls(
        jsonb_build_object(
            'kind', lower(messages.type),
            'text', messages.content || case when versions.version < versions.last then ' (draft)' else '' end
        )
    ) as payload,
    (messages."createdAt" at time zone 'UTC') + (versions.version - 1) * interval '7 minutes' as saved_at
from app.messages
left join desk.teams on messages."conversationId" = teams.team_nr
left join app.conversation_users as others
    on
        teams.team_nr is null
        and messages."conversationId" = others."conversationId"
        and messages."senderId" != others."userId"
cross join lateral (
    select
        generate_series(1, 1 + (messages.id % 3 = 0)::integer) as version,
        1 + (messages.id % 3 = 0)::integer as last
) as versions;

create table desk.seen as
select
    "messageId" as message_nr,
    "userId" as nr,
    "readAt" at time zone 'UTC' as seen_at
from app.message_reads;

create table desk.uploads as
select
    gen_random_uuid() as upload_id,
    "messageId" as message_nr,
    (case type
        when 'image' then 'image/png' when 'video' then 'video/mp4' when 'audio' then 'audio/ogg'
        else 'application/pdf'
    end)::varchar as mime,
    "sizeBytes"::integer as n_bytes
from app.attachments;
analyze;
