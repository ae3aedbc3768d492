-- name: rank_members
-- params: seed bigint, gumbel_knots, gumbel_intercepts, gumbel_slopes float8[];
--         silent_share float8 (of the attached users)
-- returns: nothing; fills member: senders first, the likeliest of them with rank 1
-- Rank by log(degree) + Gumbel noise is a draw without replacement in proportion to degree. Who
-- sends at all is settled before: silent users write only where all members do, so the first to be
-- silent are those who are in the fewest such rooms, and every other user has a home, one
-- conversation in which that user comes before the rest.
insert into {work}.member (conversation_id, sender_rank, user_id)
with

asked as (

    -- Rooms in which everybody writes, for each user.
    select
        slot.user_id,
        count(*) filter (where conversation.n_senders >= conversation.n_members) as n_asked
    from {work}.slot as slot
    inner join {work}.conversation as conversation
        on slot.conversation_id = conversation.conversation_id
    where %(silent_share)s > 0
    group by slot.user_id

),

quiet as (

    select
        person.user_id,
        person.log_degree,
        row_number() over (
            order by
                coalesce(asked.n_asked, 0),
                hashint8extended(person.user_id, hashint8extended(9, %(seed)s::bigint)),
                person.user_id
        ) <= round(%(silent_share)s * count(*) over ()) as is_silent
    from {work}.person as person
    left join asked on person.user_id = asked.user_id

),

placed as (

    select
        slot.conversation_id,
        slot.user_id,
        person.log_degree,
        person.is_silent,
        not person.is_silent
        and row_number() over (
            partition by slot.user_id
            order by hashint8extended(slot.slot_no, %(seed)s::bigint), slot.slot_no
        ) = 1 as is_home,
        synth.uniform(
            8, hashint8extended(slot.user_id, hashint8extended(slot.conversation_id, %(seed)s::bigint))
        ) as position
    from {work}.slot as slot
    inner join quiet as person on slot.user_id = person.user_id
    offset 0

),

knotted as (

    select
        *,
        width_bucket(position, %(gumbel_knots)s::float8[]) as knot_no
    from placed
    offset 0

),

scored as (

    select
        conversation_id,
        user_id,
        is_home,
        is_silent,
        log_degree
        + (%(gumbel_intercepts)s::float8[])[knot_no]
        + (position * (%(gumbel_slopes)s::float8[])[knot_no]) as score
    from knotted

),

invited as (

    select
        *,
        row_number() over (
            partition by conversation_id
            order by is_silent, is_home desc, score desc, user_id
        ) as invitation_no
    from scored

)

select
    invited.conversation_id,
    row_number() over (
        partition by invited.conversation_id
        order by
            invited.invitation_no <= conversation.n_senders desc,
            invited.score desc,
            invited.user_id
    ) as sender_rank,
    invited.user_id
from invited
inner join {work}.conversation as conversation
    on invited.conversation_id = conversation.conversation_id
