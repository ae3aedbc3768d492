-- name: rank_members
-- params: seed bigint, gumbel_knots, gumbel_values, gumbel_slopes float8[]
-- returns: nothing; fills member: the likeliest sender of a conversation has rank 1
-- Rank by log(degree) + Gumbel noise is a draw without replacement in proportion to degree.
insert into {work}.member (conversation_id, sender_rank, user_id)
with

placed as (

    select
        slot.conversation_id,
        slot.user_id,
        person.log_degree,
        synth.uniform(
            8, hashint8extended(slot.user_id, hashint8extended(slot.conversation_id, %(seed)s::bigint))
        ) as position
    from {work}.slot as slot
    inner join {work}.person as person on slot.user_id = person.user_id
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
        log_degree
        + (%(gumbel_values)s::float8[])[knot_no]
        + (
            (position - (%(gumbel_knots)s::float8[])[knot_no])
            * (%(gumbel_slopes)s::float8[])[knot_no]
        ) as score
    from knotted

)

select
    conversation_id,
    row_number() over (partition by conversation_id order by score desc, user_id) as sender_rank,
    user_id
from scored
