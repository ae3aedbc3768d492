-- name: count_cut_rooms
-- params: seed bigint, size_edges, member_map, member_knots, member_intercepts, member_slopes
--         float8[], n_sizes integer
-- returns: n_cut, n_people bigint: conversations with fewer members than drawn, and those who are
--          in all of them
-- Only a conversation that everybody is in can have lost members, so only those are drawn again,
-- by the expressions of `draw_conversations`.
with

people as (

    select count(*) as n_people from {work}.person

),

full_rooms as (

    select
        conversation.n_members,
        (%(member_map)s::float8[])[
            ((conversation.type_no - 1) * %(n_sizes)s)
            + greatest(
                1, width_bucket(conversation.n_messages::float8, %(size_edges)s::float8[])
            )
        ]
        + synth.uniform(-1, conversation.draft_key) as member_position
    from {work}.conversation as conversation
    inner join people on conversation.n_members >= people.n_people
    offset 0

),

knotted as (

    select
        *,
        width_bucket(member_position, %(member_knots)s::float8[]) as member_knot
    from full_rooms
    offset 0

),

drawn as (

    select
        n_members,
        floor(
            (%(member_intercepts)s::float8[])[member_knot]
            + (member_position * (%(member_slopes)s::float8[])[member_knot])
        )::bigint as n_drawn
    from knotted

)

select
    count(*) filter (where drawn.n_drawn > drawn.n_members) as n_cut,
    (select n_people from people) as n_people
from drawn
