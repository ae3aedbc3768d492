-- name: make_timeline
-- params: first_id, last_id bigint (range of conversations); exponential_ and hour_ knots,
--         intercepts, slopes float8[]; primes, slice_edges bigint[]; resolution_ms bigint (times
--         are whole steps of it since start_ms); window; first_counter integer (of
--         open_counters)
-- returns: nothing; fills room, a row per conversation, and timeline, a row per conversation and
--          slice with the times of its messages in it
-- Only what takes a conversation's messages in their order is made here. What a message's own key
-- says is drawn when its slice is written, so that no message is stored as a row before that.
-- A layer of its own, kept by `offset 0`, costs about as much as two draws: there is one only where
-- something dear is used several times.
with

conversations as (

    select
        *,
        n_messages - n_busiest as n_rest,
        start_activity_ms + %(origin_activity_ms)s::bigint as first_activity_ms,
        (n_messages - n_busiest)::float8 / n_messages as rest_share,
        -- No conversation is longer than the window once it is scaled, so this one has not more
        -- than 4e12 ms before: a place in a large object goes to 4.398e12.
        time_scale * '4e12'::float8 >= %(window_activity_ms)s::bigint as is_counted
    from (
        select
            *,
            n_members - 1 as n_others,
            -- The busiest sender's messages: no fewer than an equal share, and one for each other.
            greatest(
                least(round(dominance * n_messages)::bigint, n_messages - n_senders + 1),
                (n_messages + n_senders - 1) / n_senders
            ) as n_busiest
        from {work}.conversation
        where conversation_id between %(first_id)s and %(last_id)s and n_messages > 0
    ) as counted
    offset 0

),

senders as (

    select
        member.conversation_id,
        member.sender_rank,
        synth.uniform(
            9, hashint8extended(member.sender_rank, conversations.draft_key)
        ) as position
    from conversations
    inner join {work}.member as member
        on
            conversations.conversation_id = member.conversation_id
            and conversations.n_senders >= member.sender_rank
    offset 0

),

sender_knots as (

    select
        *,
        width_bucket(position, %(exponential_knots)s::float8[]) as knot_no
    from senders
    offset 0

),

spacings as (

    -- Exponential spacings split what the busiest sender leaves.
    select
        conversation_id,
        sender_rank,
        case
            when sender_rank = 1 then 0
            else (%(exponential_intercepts)s::float8[])[knot_no]
                + (position * (%(exponential_slopes)s::float8[])[knot_no])
        end as spacing
    from sender_knots
    offset 0

),

totals as (

    select
        *,
        sum(spacing) over (partition by conversation_id order by sender_rank) as spacing_until,
        sum(spacing) over (partition by conversation_id) as spacing_total,
        max(spacing) over (partition by conversation_id) as spacing_max
    from spacings
    offset 0

),

mixed as (

    -- Nobody may exceed the busiest sender: the spacings are drawn towards equal shares by just
    -- as much as that needs.
    select
        totals.*,
        conversations.n_messages,
        conversations.n_senders,
        conversations.n_busiest,
        conversations.n_rest,
        case
            when conversations.n_senders <= 2 then 1.0::float8
            else greatest(
                0.0::float8,
                least(
                    1.0::float8,
                    (
                        ((1.0::float8 - conversations.rest_share) / conversations.rest_share)
                        - (1.0::float8 / (conversations.n_senders - 1))
                    ) / nullif(
                        (totals.spacing_max / nullif(totals.spacing_total, 0))
                        - (1.0::float8 / (conversations.n_senders - 1)),
                        0
                    )
                )
            )
        end as spread
    from totals
    inner join conversations on totals.conversation_id = conversations.conversation_id
    offset 0

),

members as (

    select
        conversation_id,
        array_agg(user_id::integer order by sender_rank) as user_ids
    from {work}.member
    where conversation_id between %(first_id)s and %(last_id)s
    group by conversation_id

),

thresholds as (

    -- Messages of the senders up to this rank.
    select
        conversation_id,
        array_agg(n_until order by sender_rank) as ends
    from (
        select
            conversation_id,
            sender_rank,
            case
                when sender_rank = n_senders then n_messages::float8
                when sender_rank = 1 then n_busiest::float8
                else n_busiest + (sender_rank - 1) + floor(
                    (n_rest - (n_senders - 1))
                    * (
                        (
                            (1.0::float8 - coalesce(spread, 1))
                            * (sender_rank - 1) / (n_senders - 1)
                        )
                        + (coalesce(spread, 1) * spacing_until / nullif(spacing_total, 0))
                    )
                )
            end as n_until
        from mixed
    ) as running
    group by conversation_id

),

rooms as (

    -- What is one for all messages of a conversation is made here, once.
    insert into {work}.room (
        conversation_id, draft_key, n_messages, n_others, prime, shift, user_ids, ends
    )
    select
        conversations.conversation_id,
        conversations.draft_key,
        conversations.n_messages,
        conversations.n_others,
        (%(primes)s::bigint[])[1 + (conversations.draft_key & 63)::integer] as prime,
        (conversations.draft_key >> 8) & 1048575 as shift,
        members.user_ids,
        thresholds.ends
    from conversations
    inner join thresholds on conversations.conversation_id = thresholds.conversation_id
    inner join members on conversations.conversation_id = members.conversation_id

),

wholes as (

    -- All times of a conversation in one array: they come in order.
    select
        conversations.conversation_id,
        conversations.n_messages,
        times.sent_ms
    from conversations
    cross join lateral (
        select
            array_agg(
                case
                    when %(resolution_ms)s::bigint = 1 then exact_ms
                    else exact_ms - mod(exact_ms - %(start_ms)s::bigint, %(resolution_ms)s::bigint)
                end
            ) as sent_ms
        from (
            select
                activity_ms,
                mod(activity_ms, %(period_ms)s::bigint) as rest_ms,
                width_bucket(
                    mod(activity_ms, %(period_ms)s::bigint)::float8, %(hour_knots)s::float8[]
                ) as hour_no
            from (
                -- Whole milliseconds as float8: exact below 2^53, whatever the order. They are
                -- added up by a place that moves on by each; what it cannot hold, in a loop.
                select
                    floor(
                        case
                            when conversations.is_counted
                                then lo_lseek64(%(first_counter)s::integer, gap_ms::bigint, 1)
                            else gap_ms
                        end * conversations.time_scale
                    )::bigint + conversations.first_activity_ms as activity_ms
                from (
                    -- In the select list a set needs no store, unlike in `from`.
                    select
                        unnest(
                            case
                                when conversations.is_counted then drawn.gaps_ms
                                else synth.running_sum(drawn.gaps_ms)
                            end
                        ) as gap_ms
                    from {work}.drawn
                    where
                        drawn.draft_no = conversations.draft_no
                        -- True, and once for each conversation: back to the beginning.
                        and lo_lseek64(%(first_counter)s::integer, 0, 0) = 0
                    offset 0
                ) as gaps
                offset 0
            ) as moments
            offset 0
        ) as placed
        -- No layer: what this names is written out wherever it is used.
        cross join lateral (
            select
                %(epoch_ms)s::bigint
                + (activity_ms - rest_ms)
                + floor(
                    (%(hour_intercepts)s::float8[])[hour_no]
                    + (rest_ms * (%(hour_slopes)s::float8[])[hour_no])
                )::bigint as exact_ms
        ) as exact
    ) as times
    offset 0

),

touched as (

    select
        *,
        generate_series(
            width_bucket(sent_ms[1], %(slice_edges)s::bigint[]),
            width_bucket(sent_ms[n_messages], %(slice_edges)s::bigint[])
        ) as slice_place
    from wholes
    offset 0

),

bounds as (

    -- How many come before a slice and before its end, by binary search.
    select
        *,
        width_bucket(from_ms - 1, sent_ms) as n_before,
        width_bucket(until_ms - 1, sent_ms) as n_until
    from touched
    cross join lateral (
        select
            (%(slice_edges)s::bigint[])[slice_place] as from_ms,
            (%(slice_edges)s::bigint[])[slice_place + 1] as until_ms
    ) as edges
    offset 0

)

insert into {work}.timeline (
    slice_no, conversation_id, first_no, n_messages, sent_ms
)
select
    slice_place - 1,
    conversation_id,
    n_before + 1,
    n_until - n_before,
    sent_ms[n_before + 1:n_until]
from bounds
where n_until > n_before
