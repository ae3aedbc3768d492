-- name: generated_default_figures
-- params: none
-- returns: one row of the figures that the default spec promises, measured on synthetic rows
with

sizes as (

    select
        conversations.id,
        conversations.type,
        count(messages.id) as n_messages
    from perf_synthetic.conversations as conversations
    left join perf_synthetic.messages as messages on conversations.id = messages."conversationId"
    group by conversations.id, conversations.type

),

members as (

    select
        "conversationId" as conversation_id,
        count(*) as n_members
    from perf_synthetic.conversation_users
    group by "conversationId"

),

ranked as (

    select
        n_messages,
        percent_rank() over (order by n_messages desc, id) as share_above
    from sizes
    where n_messages > 0

),

rooms as (

    select
        percentile_cont(0.5) within group (order by n_messages) as size_p50,
        percentile_cont(0.95) within group (order by n_messages) as size_p95,
        avg((n_messages < 50)::int) as below_50,
        avg((n_messages >= 10000)::int) filter (where n_messages >= 850) as heavy_10k,
        sum(n_messages) filter (where share_above < 0.02) / sum(n_messages) as top_2
    from ranked

),

kinds as (

    select
        avg((sizes.type = 'DIRECT_MESSAGE')::int) as one_to_one,
        avg((sizes.type = 'GROUP_CHAT')::int) as small_group,
        avg((sizes.type = 'CHANNEL')::int) as large_group,
        bool_and(members.n_members = 2) filter (where sizes.type = 'DIRECT_MESSAGE') as pairs,
        bool_and(members.n_members between 3 and 20)
            filter (where sizes.type = 'GROUP_CHAT') as groups,
        bool_and(members.n_members > 20) filter (where sizes.type = 'CHANNEL') as channels
    from sizes
    inner join members on sizes.id = members.conversation_id

),

lengths as (

    select
        avg((type != 'TEXT')::int) as media_ratio,
        avg(length(content)) filter (where type = 'TEXT') as length_mean,
        percentile_cont(0.5) within group (order by length(content))
            filter (where type = 'TEXT') as length_p50,
        count(*) as n_messages
    from perf_synthetic.messages

),

days as (

    select
        date_trunc('day', "createdAt", 'UTC') as day_start,
        count(*) as n_messages
    from perf_synthetic.messages
    group by 1

),

weeks as (

    select
        avg(n_messages) filter (where extract(isodow from day_start at time zone 'UTC') < 6)
        / avg(n_messages) filter (where extract(isodow from day_start at time zone 'UTC') > 5)
            as weekday_weekend
    from days

),

hours as (

    select
        extract(hour from "createdAt" at time zone 'UTC') as hour_number,
        count(*)::float8 as n_messages
    from perf_synthetic.messages
    group by 1

),

clock as (

    select
        max(n_messages) / min(n_messages) as peak_trough,
        (array_agg(hour_number order by n_messages desc))[1:6] as busiest_hours
    from hours

),

minutes as (

    select count(*) as n_messages
    from perf_synthetic.messages
    group by date_trunc('minute', "createdAt", 'UTC')

),

bursts as (

    select
        percentile_cont(0.95) within group (order by n_messages) / avg(n_messages) as burst
    from minutes

),

reads as (

    select
        count(distinct reads."messageId")::float8 as n_read,
        count(*) as n_receipts,
        percentile_cont(array[0.5, 0.75, 0.9, 0.95]) within group (
            order by extract(epoch from reads."readAt" - messages."createdAt")
        ) as delays
    from perf_synthetic.message_reads as reads
    inner join perf_synthetic.messages as messages on reads."messageId" = messages.id

),

files as (

    select
        count(*) as n_attachments,
        avg((type = 'image')::int) as image,
        avg((type = 'video')::int) as video,
        avg((type = 'document')::int) as document,
        avg((type = 'audio')::int) as audio
    from perf_synthetic.attachments

)

select
    rooms.*,
    kinds.*,
    lengths.*,
    weeks.*,
    clock.*,
    bursts.*,
    reads.*,
    files.*
from rooms
cross join kinds
cross join lengths
cross join weeks
cross join clock
cross join bursts
cross join reads
cross join files
