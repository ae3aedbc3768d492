-- name: draw_conversations
-- params: first_no, last_no bigint (range of draft_no), seed bigint, n_users bigint,
--         size_edges float8[], sender_edges float8[], tempo_edges float8[],
--         member_map, sender_map, dominance_map, tempo_map, gap_map float8[] (class -> segment),
--         <quantity>_knots, _intercepts, _slopes float8[] for member, sender, dominance, tempo,
--         gap (ms), start, log, power, hour and start_hour; gap_log_intercepts, gap_log_slopes
--         (logarithm of the gap, at the same knots), gap_log_lowest, gap_log_highest float8[]
--         (range of a segment's mean); resolution_ms bigint; the window
-- returns: nothing; fills drawn with everything a conversation needs before its messages
-- Streams of a conversation are negative: under the same key its messages are 1, 2, ...
insert into {work}.drawn
with

keyed as (

    select
        draft_no,
        type_no,
        n_messages,
        hashint8extended(draft_no, %(seed)s::bigint) as draft_key,
        greatest(1, width_bucket(n_messages::float8, %(size_edges)s::float8[])) as size_no
    from {work}.draft
    where draft_no between %(first_no)s and %(last_no)s
    offset 0

),

people_positions as (

    -- One draw for members and senders: whoever has many members has many senders, and where
    -- all members write the two agree.
    select
        keyed.*,
        (%(member_map)s::float8[])[((type_no - 1) * %(n_sizes)s) + size_no] + people_draw
            as member_position,
        (%(sender_map)s::float8[])[((type_no - 1) * %(n_sizes)s) + size_no] + people_draw
            as sender_position,
        (%(tempo_map)s::float8[])[size_no] + synth.uniform(-2, draft_key) as tempo_position
    from keyed
    cross join lateral (select synth.uniform(-1, draft_key) as people_draw offset 0) as draws
    offset 0

),

people_knots as (

    select
        *,
        width_bucket(member_position, %(member_knots)s::float8[]) as member_knot,
        width_bucket(sender_position, %(sender_knots)s::float8[]) as sender_knot,
        width_bucket(tempo_position, %(tempo_knots)s::float8[]) as tempo_knot
    from people_positions
    offset 0

),

people_drawn as (

    select
        *,
        floor(
            (%(member_intercepts)s::float8[])[member_knot]
            + (member_position * (%(member_slopes)s::float8[])[member_knot])
        )::bigint as members_drawn,
        floor(
            (%(sender_intercepts)s::float8[])[sender_knot]
            + (sender_position * (%(sender_slopes)s::float8[])[sender_knot])
        )::bigint as senders_drawn,
        (%(tempo_intercepts)s::float8[])[tempo_knot]
        + (tempo_position * (%(tempo_slopes)s::float8[])[tempo_knot]) as tempo
    from people_knots
    offset 0

),

people as (

    select
        *,
        least(greatest(members_drawn, n_senders, 1), %(n_users)s::bigint) as n_members,
        width_bucket(n_senders::float8, %(sender_edges)s::float8[]) as sender_no,
        greatest(1, width_bucket(tempo, %(tempo_edges)s::float8[])) as tempo_no
    from people_drawn
    cross join lateral (
        select
            case
                when n_messages = 0 then 0
                else least(greatest(senders_drawn, 1), n_messages, %(n_users)s::bigint)
            end as n_senders
        offset 0
    ) as senders
    offset 0

),

positions as (

    select
        *,
        (%(dominance_map)s::float8[])[
            ((size_no - 1) * %(n_sender_classes)s) + greatest(1, sender_no)
        ] + synth.uniform(-3, draft_key) as dominance_position,
        (%(gap_map)s::float8[])[((size_no - 1) * %(n_tempos)s) + tempo_no] as gap_segment,
        synth.uniform(-4, draft_key) as start_position
    from people
    offset 0

),

position_knots as (

    select
        *,
        width_bucket(dominance_position, %(dominance_knots)s::float8[]) as dominance_knot,
        width_bucket(start_position, %(start_knots)s::float8[]) as start_knot
    from positions
    offset 0

),

spans as (

    select
        *,
        (%(dominance_intercepts)s::float8[])[dominance_knot]
        + (dominance_position * (%(dominance_slopes)s::float8[])[dominance_knot]) as dominance,
        (%(start_intercepts)s::float8[])[start_knot]
        + (start_position * (%(start_slopes)s::float8[])[start_knot]) as start_fraction
    from position_knots
    cross join lateral (
        -- The gaps before each message, before they are scaled; and the sum of their logarithms, in
        -- whole millionths so that the order of summing does not matter.
        select
            array_agg(gap_ms) as gaps_ms,
            coalesce(sum(gap_ms), 0) as span_ms,
            coalesce(sum(log_part), 0) as log_sum
        from (
            select
                case
                    when message_no = 1 then 0::float8
                    else floor(
                        (%(gap_intercepts)s::float8[])[knot_no]
                        + (position * (%(gap_slopes)s::float8[])[knot_no])
                    )
                end as gap_ms,
                case
                    when message_no = 1 then 0::float8
                    else floor(
                        1000000 * (
                            (%(gap_log_intercepts)s::float8[])[knot_no]
                            + (position * (%(gap_log_slopes)s::float8[])[knot_no])
                        )
                    )
                end as log_part
            from (
                select
                    message_no,
                    position,
                    width_bucket(position, %(gap_knots)s::float8[]) as knot_no
                from (
                    select
                        message_no,
                        gap_segment
                        + case
                            when %(gap_memory)s = 0 then draw
                            when draw < %(gap_memory)s then draw * draw * %(gap_memory_scale)s
                            when draw < 1 then draw - (0.5::float8 * %(gap_memory)s)
                            else 1.0::float8 - (
                                (1.0::float8 + %(gap_memory)s - draw)
                                * (1.0::float8 + %(gap_memory)s - draw)
                                * %(gap_memory_scale)s
                            )
                        end as position
                    from (
                        -- The previous message's draw counts, too: their sum has a trapezoidal
                        -- distribution, whose CDF makes it uniform again. No layer of its own:
                        -- without memory there is one draw, used once.
                        select
                            message_no,
                            synth.unit(hashint8extended(message_no, draft_key))
                            + case
                                when %(gap_memory)s = 0 then 0::float8
                                else %(gap_memory)s
                                    * synth.unit(hashint8extended(message_no - 1, draft_key))
                            end as draw
                        from (
                            -- In the select list a set needs no store, unlike in `from`.
                            select generate_series(1, n_messages) as message_no
                            offset 0
                        ) as numbers
                    ) as draws
                    offset 0
                ) as positions
                offset 0
            ) as knots
            offset 0
        ) as drawn
    ) as gaps
    offset 0

),

means as (

    select
        *,
        (log_sum / 1000000) / greatest(n_messages - 1, 1) as mean_log,
        width_bucket(tempo, %(log_knots)s::float8[]) as log_knot
    from spans
    offset 0

),

strays as (

    -- The mean of few draws may leave the class of tempo that they were drawn for: such a
    -- conversation is stretched to the tempo drawn. Two messages have but one gap, which is right.
    select
        *,
        case
            when
                n_messages > 2
                and (
                    mean_log < (%(gap_log_lowest)s::float8[])[gap_segment::integer + 1]
                    or mean_log >= (%(gap_log_highest)s::float8[])[gap_segment::integer + 1]
                )
                then least(
                    greatest(
                        case
                            when tempo < 1 then 0::float8
                            else (%(log_intercepts)s::float8[])[log_knot]
                                + (tempo * (%(log_slopes)s::float8[])[log_knot])
                        end - mean_log,
                        (%(power_knots)s::float8[])[1]
                    ),
                    - (%(power_knots)s::float8[])[1]
                )
            else 0::float8
        end as log_stretch
    from means
    offset 0

),

stretched as (

    select
        *,
        case
            when log_stretch = 0 then 1.0::float8
            else (%(power_intercepts)s::float8[])[power_knot]
                + (log_stretch * (%(power_slopes)s::float8[])[power_knot])
        end as stretch
    from (
        select
            *,
            width_bucket(log_stretch, %(power_knots)s::float8[]) as power_knot
        from strays
        offset 0
    ) as knots
    offset 0

),

fitted as (

    -- A conversation longer than the window is compressed into it.
    select
        *,
        least(stretch, (0.98::float8 * %(window_activity_ms)s) / greatest(span_ms, 1))
            as time_scale
    from stretched
    offset 0

),

scaled as (

    select
        *,
        floor(span_ms * time_scale)::bigint as scaled_span_ms,
        %(origin_start_ms)s::bigint + floor(
            least(greatest(start_fraction, 0), 1)
            * (%(window_activity_ms)s - floor(span_ms * time_scale))
            * %(start_per_activity)s
        )::bigint as start_ms
    from fitted
    offset 0

),

start_hours as (

    select
        *,
        mod(start_ms, %(period_ms)s::bigint) as start_rest_ms,
        width_bucket(
            mod(start_ms, %(period_ms)s::bigint)::float8, %(start_hour_knots)s::float8[]
        ) as start_hour
    from scaled
    offset 0

),

started as (

    -- Beginnings lie evenly in start time; from here on it is activity time.
    select
        *,
        greatest(
            0,
            least(
                -- The end of the window is no part of it.
                %(window_activity_ms)s::bigint - scaled_span_ms - 1,
                ((start_ms / %(period_ms)s::bigint) * %(period_ms)s::bigint)
                + floor(
                    (%(start_hour_intercepts)s::float8[])[start_hour]
                    + (start_rest_ms * (%(start_hour_slopes)s::float8[])[start_hour])
                )::bigint
                - %(origin_activity_ms)s::bigint
            )
        ) as start_activity_ms
    from start_hours
    offset 0

),

warped as (

    select
        *,
        %(origin_activity_ms)s::bigint + start_activity_ms as first_activity_ms,
        %(origin_activity_ms)s::bigint + start_activity_ms + scaled_span_ms as last_activity_ms
    from started
    offset 0

),

hours as (

    select
        *,
        width_bucket(
            mod(first_activity_ms, %(period_ms)s::bigint)::float8, %(hour_knots)s::float8[]
        ) as first_hour,
        width_bucket(
            mod(last_activity_ms, %(period_ms)s::bigint)::float8, %(hour_knots)s::float8[]
        ) as last_hour
    from warped
    offset 0

),

timed as (

    select
        *,
        %(epoch_ms)s::bigint
        + ((first_activity_ms / %(period_ms)s::bigint) * %(period_ms)s::bigint)
        + floor(
            (%(hour_intercepts)s::float8[])[first_hour]
            + (
                mod(first_activity_ms, %(period_ms)s::bigint)
                * (%(hour_slopes)s::float8[])[first_hour]
            )
        )::bigint as first_ms,
        %(epoch_ms)s::bigint
        + ((last_activity_ms / %(period_ms)s::bigint) * %(period_ms)s::bigint)
        + floor(
            (%(hour_intercepts)s::float8[])[last_hour]
            + (
                mod(last_activity_ms, %(period_ms)s::bigint)
                * (%(hour_slopes)s::float8[])[last_hour]
            )
        )::bigint as last_ms
    from hours
    offset 0

),

opened as (

    -- Somebody opens the room a moment before the first message.
    select
        *,
        first_ms - floor(synth.uniform(-5, draft_key) * 30000)::bigint as opened_ms
    from timed

)

-- Whole steps since the window began; a room may open up to 30,000 ms, so many steps, before that.
select
    draft_no,
    draft_key,
    type_no,
    n_messages,
    n_members,
    n_senders,
    dominance,
    gap_segment,
    time_scale,
    start_activity_ms,
    gaps_ms,
    opened_ms - mod(
        opened_ms - %(start_ms)s::bigint + (30000 * %(resolution_ms)s::bigint),
        %(resolution_ms)s::bigint
    ) as created_ms,
    first_ms - mod(first_ms - %(start_ms)s::bigint, %(resolution_ms)s::bigint) as first_ms,
    last_ms - mod(last_ms - %(start_ms)s::bigint, %(resolution_ms)s::bigint) as last_ms
from opened
