-- name: make_timeline
-- params: first_id, last_id bigint (range of conversations), text_type_no integer,
--         gap_, exponential_, attachment_ knots, values, slopes float8[], type_knots float8[],
--         read_rate float8, reader_edges, reader_counts integer[], reader_starts float8[],
--         primes bigint[], resolution_ms bigint (times are multiples of it), window and profile
--         arrays
-- returns: nothing; fills timeline, one narrow row per message, routed to its slice
-- A layer of its own, kept by `offset 0`, costs about as much as two draws: there is one only where
-- something dear is used several times.
with

conversations as (

    select
        *,
        n_messages - n_busiest as n_rest,
        (n_messages - n_busiest)::float8 / n_messages as rest_share
    from (
        select
            *,
            n_members - 1 as n_others,
            width_bucket(n_members - 1, %(reader_edges)s::integer[]) - 1 as room_no,
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
            else (%(exponential_values)s::float8[])[knot_no]
                + (
                    (position - (%(exponential_knots)s::float8[])[knot_no])
                    * (%(exponential_slopes)s::float8[])[knot_no]
                )
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

    -- What is one for all messages of a conversation is made here, once. So are its arrays: one that
    -- has been stored (as rows are for a join) would be unpacked wherever it is read.
    select
        conversations.*,
        -- Twice around, so that those who come after a sender stand in one stretch.
        members.user_ids || members.user_ids as ring,
        thresholds.ends || array[]::float8[] as ends,
        (%(primes)s::bigint[])[1 + (conversations.draft_key & 63)::integer] as prime,
        (conversations.draft_key >> 8) & 1048575 as shift,
        conversations.start_activity_ms + %(origin_activity_ms)s::bigint as begin_ms
    from conversations
    inner join thresholds on conversations.conversation_id = thresholds.conversation_id
    inner join members on conversations.conversation_id = members.conversation_id
    offset 0

),

messages as (

    -- A permutation of the places says who writes when: an affine map with a prime larger than
    -- any conversation.
    select
        rooms.conversation_id,
        rooms.n_others,
        rooms.room_no,
        rooms.ring,
        gaps.message_key,
        floor(gaps.elapsed_ms * rooms.time_scale)::bigint
        + rooms.begin_ms as activity_ms,
        width_bucket(
            mod(
                (gaps.message_no * rooms.prime) + rooms.shift,
                rooms.n_messages
            )::float8,
            rooms.ends
        ) + 1 as sender_rank
    from rooms
    cross join lateral (
        select
            message_no,
            message_key,
            -- Whole milliseconds as float8: exact below 2^53, whatever the order. The series comes
            -- in order, so a window without `order by` spares a sort per conversation.
            sum(gap_ms) over (rows unbounded preceding) as elapsed_ms
        from (
            select
                message_no,
                message_key,
                case
                    when message_no = 1 then 0::float8
                    else floor(
                        1000 * (
                            (%(gap_values)s::float8[])[knot_no]
                            + (
                                (position - (%(gap_knots)s::float8[])[knot_no])
                                * (%(gap_slopes)s::float8[])[knot_no]
                            )
                        )
                    )
                end as gap_ms
            from (
                select
                    message_no,
                    message_key,
                    position,
                    width_bucket(position, %(gap_knots)s::float8[]) as knot_no
                from (
                    select
                        message_no,
                        message_key,
                        rooms.gap_segment
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
                        -- No layer of its own: without memory there is one draw, used once.
                        select
                            message_no,
                            message_key,
                            synth.unit(message_key)
                            + case
                                when %(gap_memory)s = 0 then 0::float8
                                else %(gap_memory)s * synth.unit(
                                    hashint8extended(message_no - 1, rooms.draft_key)
                                )
                            end as draw
                        from (
                            select
                                message_no,
                                hashint8extended(message_no, rooms.draft_key)
                                    as message_key
                            from (
                                -- In the select list a set needs no store, unlike in `from`.
                                select generate_series(1, rooms.n_messages) as message_no
                                offset 0
                            ) as numbers
                        ) as keys
                    ) as draws
                    offset 0
                ) as positions
                offset 0
            ) as knots
        ) as drawn
    ) as gaps

),

placed as (

    select
        conversation_id,
        n_others,
        ring,
        message_key,
        sender_rank,
        activity_ms,
        mod(activity_ms, %(period_ms)s::bigint) as rest_ms,
        width_bucket(
            mod(activity_ms, %(period_ms)s::bigint)::float8, %(profile_edges)s::float8[]
        ) as hour_no,
        width_bucket(synth.uniform(10, message_key), %(type_knots)s::float8[]) as type_no,
        case
            when n_others = 0 or synth.uniform(24, message_key) >= %(read_rate)s then 0
            when n_others = 1 then 1
            else least(
                n_others,
                (%(reader_counts)s::integer[])[
                    width_bucket(
                        room_no + synth.uniform(25, message_key), %(reader_starts)s::float8[]
                    )
                ]
            )
        end as n_readers,
        -- The others stand in a ring after the sender; readers are neighbours in it, so nobody
        -- reads twice and the sender never.
        mod((hashint8extended(26, message_key) & 1048575)::integer + 1, nullif(n_others, 0))
            as first_reader
    from messages
    offset 0

)

insert into {work}.timeline (
    sent_ms, message_key, conversation_id, sender_id, type_no, n_attachments, reader_id,
    other_readers
)
select
    case
        when %(resolution_ms)s::bigint = 1 then exact_ms
        else (exact_ms / %(resolution_ms)s::bigint) * %(resolution_ms)s::bigint
    end as sent_ms,
    message_key,
    conversation_id,
    ring[sender_rank] as sender_id,
    type_no,
    case
        when type_no = %(text_type_no)s then 0
        else floor(
            (%(attachment_values)s::float8[])[knot_no]
            + (
                (attachment_position - (%(attachment_knots)s::float8[])[knot_no])
                * (%(attachment_slopes)s::float8[])[knot_no]
            )
        )
    end as n_attachments,
    case when n_readers > 0 then ring[sender_rank + first_reader + 1] end as reader_id,
    case
        when n_readers > 1
            then ring[
                sender_rank + first_reader + 2
                :sender_rank + least(first_reader + n_readers, n_others)
            ] || ring[sender_rank + 1:sender_rank + first_reader + n_readers - n_others]
    end as other_readers
from placed
-- No layers: what these name is written out wherever it is used.
cross join lateral (
    select
        %(epoch_ms)s::bigint
        + (activity_ms - rest_ms)
        + ((hour_no - 1) * 3600000::bigint)
        + floor(
            (rest_ms - (%(profile_edges)s::float8[])[hour_no])
            * (%(profile_slopes)s::float8[])[hour_no]
        )::bigint as exact_ms
) as moments
cross join lateral (
    select synth.uniform(11, message_key) as attachment_position
) as positions
cross join lateral (
    select width_bucket(attachment_position, %(attachment_knots)s::float8[]) as knot_no
) as knots
