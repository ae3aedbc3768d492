-- name: write_slice
-- params: message_offset bigint; first_counter, second_counter integer (of open_counters);
--         attachment_stride bigint (more than the most files of a message); corpus bytea;
--         corpus_length integer; message_types, attachment_labels text[]; length_, attachment_,
--         bytes_, delay_ knots, intercepts, slopes float8[]; length_guide, length_types integer[]
--         (type at each knot), type_knots float8[] (where a type begins), media_from bigint (a
--         message is text where the upper 53 bits of its hash are below it);
--         attachment_type_knots float8[]; read_rate float8; reader_edges, reader_counts integer[],
--         reader_starts float8[]; end_ms bigint
-- returns: nothing; writes one slice of the three big tables; its row count is the receipts', the
--         second counter ends at that of the attachments
-- One sort of narrow rows gives the time order and the ids; all else is a function of the key.
with

stretches as (

    -- Looked up one by one, by the index. An array that has been stored would be unpacked for
    -- every message; one that is made here is not.
    select
        timeline.first_no,
        timeline.n_messages as n_stretch,
        timeline.sent_ms,
        room.*
    from {work}.{partition} as timeline
    cross join lateral (
        select
            conversation_id,
            draft_key,
            n_messages,
            n_others,
            width_bucket(n_others, %(reader_edges)s::integer[]) - 1 as room_no,
            prime,
            shift,
            -- Twice around, so that those who come after a sender stand in one stretch.
            user_ids || user_ids as ring,
            ends || array[]::float8[] as ends
        from {work}.room
        where room.conversation_id = timeline.conversation_id
        offset 0
    ) as room

),

numbered as (

    -- In the select list a set needs no store of its own, unlike in `from`.
    select
        conversation_id,
        draft_key,
        n_messages,
        n_others,
        room_no,
        prime,
        shift,
        ring,
        ends,
        unnest(sent_ms) as sent_ms,
        generate_series(first_no, first_no + n_stretch - 1) as message_no
    from stretches
    offset 0

),

sent as (

    -- A permutation of the places says who writes when: an affine map with a prime larger than
    -- any conversation.
    select
        conversation_id,
        n_others,
        room_no,
        ring,
        sent_ms,
        hashint8extended(message_no, draft_key) as message_key,
        width_bucket(mod((message_no * prime) + shift, n_messages)::float8, ends) + 1
            as sender_rank
    from numbered
    offset 0

),

drawn as (

    select
        conversation_id,
        n_others,
        ring,
        sent_ms,
        message_key,
        sender_rank,
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
    from sent
    offset 0

),

narrow as (

    select
        sent_ms,
        message_key,
        conversation_id,
        ring[sender_rank] as sender_id,
        case when n_readers > 0 then ring[sender_rank + first_reader + 1] end as reader_id,
        case
            when n_readers > 1
                then ring[
                    sender_rank + first_reader + 2
                    :sender_rank + least(first_reader + n_readers, n_others)
                ] || ring[sender_rank + 1:sender_rank + first_reader + n_readers - n_others]
        end as other_readers
    from drawn
    offset 0

),

sorted as (

    -- All columns as they lie: the sort takes the rows as they are.
    select *
    from narrow
    order by sent_ms, conversation_id, message_key

),

ordered as materialized (

    select
        lo_lseek64(%(first_counter)s::integer, 1, 1)
        + %(message_offset)s::bigint as message_id,
        sent_ms,
        message_key,
        conversation_id,
        sender_id,
        reader_id,
        other_readers
    from sorted

),

length_knots as (

    -- One draw says the type and, within it, the length. Its upper 14 bits nearly always say
    -- between which knots it lies.
    select
        message_id,
        conversation_id,
        sender_id,
        sent_ms,
        message_key,
        coalesce(
            nullif(
                (%(length_guide)s::integer[])[
                    (hashint8extended(10, message_key) >> 50)::integer + 8193
                ],
                0
            ),
            width_bucket(synth.uniform(10, message_key), %(length_knots)s::float8[])
        ) as length_no
    from ordered
    offset 0

),

lengths as (

    select
        message_id,
        conversation_id,
        sender_id,
        (%(length_types)s::integer[])[length_no] as type_no,
        sent_ms,
        message_key,
        floor(
            (%(length_intercepts)s::float8[])[length_no]
            + (synth.uniform(10, message_key) * (%(length_slopes)s::float8[])[length_no])
        )::integer as content_length
    from length_knots
    offset 0

),

messages as (

    insert into {schema}.messages (id, "conversationId", "senderId", type, content, "createdAt")
    select
        {work}.as_id(3, message_id),
        {work}.as_id(2, conversation_id),
        {work}.as_id(1, sender_id),
        (%(message_types)s::text[])[type_no],
        -- A stretch of the corpus; a body longer than that repeats it.
        case
            when content_length <= %(corpus_length)s / 2
                then {work}.text_at(
                    %(corpus)s::bytea,
                    1 + mod(
                        (hashint8extended(21, message_key) & 1073741823)::integer,
                        %(corpus_length)s / 2
                    ),
                    content_length
                )
            else left(
                repeat(
                    convert_from(%(corpus)s::bytea, 'UTF8'),
                    1 + (content_length / %(corpus_length)s)
                ),
                content_length
            )
        end,
        to_timestamp(sent_ms / 1000.0::float8)
    from lengths

),

attachment_places as (

    -- In the select list a set needs no store of its own, unlike in `from`.
    select
        message_id,
        sent_ms,
        message_key,
        generate_series(
            1,
            floor(
                (%(attachment_intercepts)s::float8[])[knot_no]
                + (position * (%(attachment_slopes)s::float8[])[knot_no])
            )::integer
        ) as place_no
    from ordered
    -- No layers: what these name is written out wherever it is used.
    cross join lateral (select synth.uniform(11, message_key) as position) as positions
    cross join lateral (
        select width_bucket(position, %(attachment_knots)s::float8[]) as knot_no
    ) as knots
    where hashint8extended(10, message_key) >> 11 >= %(media_from)s::bigint
    offset 0

),

attachments_drawn as (

    select
        message_id,
        sent_ms,
        width_bucket(synth.uniform(10, message_key), %(type_knots)s::float8[]) as type_no,
        hashint8extended(100 + place_no, message_key) as attachment_key,
        -- In time order and by itself: nobody needs to know how many files come before.
        (message_id * %(attachment_stride)s::bigint) + place_no as attachment_id
    from attachment_places
    offset 0

),

attachment_positions as (

    select
        *,
        type_no - 1 + synth.uniform(22, attachment_key) as type_position,
        synth.uniform(23, attachment_key) as size_position
    from attachments_drawn
    offset 0

),

attachment_knots as (

    select
        *,
        (%(attachment_labels)s::text[])[
            width_bucket(type_position, %(attachment_type_knots)s::float8[])
        ] as type,
        width_bucket(size_position, %(bytes_knots)s::float8[]) as knot_no
    from attachment_positions
    offset 0

),

attachments as (

    insert into {schema}.attachments (
        id, "messageId", type, "fileName", url, "sizeBytes", "createdAt"
    )
    select
        {work}.as_id(4, attachment_id),
        {work}.as_id(3, message_id),
        type,
        type || '_' || attachment_id || '.' || (
            case type
                when 'image' then 'jpg'
                when 'video' then 'mp4'
                when 'audio' then 'ogg'
                else 'pdf'
            end
        ),
        'https://files.example.com/' || type || '/' || attachment_id,
        floor(
            (%(bytes_intercepts)s::float8[])[knot_no]
            + (size_position * (%(bytes_slopes)s::float8[])[knot_no])
        )::bigint,
        to_timestamp(sent_ms / 1000.0::float8)
    from attachment_knots
    -- True, and counts: only the last of several inserts says how many rows it wrote.
    where lo_lseek64(%(second_counter)s::integer, 1, 1) > 0

),

readers as (

    select
        message_id,
        sent_ms,
        reader_id,
        synth.unit(hashint8extended(-1, message_key)) as position
    from ordered
    where reader_id is not null

    union all

    select
        message_id,
        sent_ms,
        reader_id,
        synth.unit(hashint8extended(- reader_no, message_key)) as position
    from (
        select
            message_id,
            sent_ms,
            message_key,
            unnest(other_readers) as reader_id,
            generate_series(2, 1 + cardinality(other_readers)) as reader_no
        from ordered
        where other_readers is not null
        offset 0
    ) as others

),

delay_knots as (

    select
        *,
        width_bucket(position, %(delay_knots)s::float8[]) as knot_no
    from readers
    offset 0

),

delays as (

    select
        message_id,
        reader_id,
        sent_ms + floor(
            (%(delay_intercepts)s::float8[])[knot_no]
            + (position * (%(delay_slopes)s::float8[])[knot_no])
        )::bigint as read_ms
    from delay_knots
    offset 0

)

-- What would be read after the end of the window has not been read yet.
insert into {schema}.message_reads ("messageId", "userId", "readAt")
select
    {work}.as_id(3, message_id),
    {work}.as_id(1, reader_id),
    to_timestamp(read_ms / 1000.0::float8)
from delays
where read_ms < %(end_ms)s
order by read_ms, message_id, reader_id
