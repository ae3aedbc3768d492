-- name: draw_people
-- params: n_users bigint, n_attached bigint, seed bigint,
--         degree_knots, degree_intercepts, degree_slopes float8[] (conversations per user),
--         log_knots, log_intercepts, log_slopes float8[] (natural logarithm as a table)
-- returns: nothing; fills person: each user's conversations, adding up to all memberships
insert into {work}.person (user_id, degree, log_degree)
with

total as (

    select sum(n_members)::bigint as n_slots from {work}.conversation

),

shuffled as (

    -- The activity of a user has nothing to do with the age of the account.
    select
        user_id,
        row_number() over (order by hashint8extended(user_id, %(seed)s::bigint), user_id) as rank_no
    from generate_series(1, %(n_users)s::bigint) as user_id

),

placed as (

    select
        user_id,
        rank_no,
        (rank_no - 0.5::float8) / %(n_attached)s as position
    from shuffled
    where rank_no <= %(n_attached)s
    offset 0

),

knotted as (

    select
        *,
        width_bucket(position, %(degree_knots)s::float8[]) as knot_no
    from placed
    offset 0

),

drawn as (

    select
        user_id,
        rank_no,
        greatest(
            1,
            floor(
                (%(degree_intercepts)s::float8[])[knot_no]
                + (position * (%(degree_slopes)s::float8[])[knot_no])
            )
        )::bigint as n_drawn
    from knotted

),

summed as (

    select
        user_id,
        rank_no,
        sum(n_drawn) over (order by rank_no)::bigint as n_running,
        sum(n_drawn) over ()::bigint as n_total,
        count(*) over () as n_people
    from drawn

),

targets as (

    -- As in `draft_conversations`: the running total is rounded, so the sum is exact.
    select
        summed.user_id,
        summed.rank_no,
        case
            when total.n_slots >= summed.n_people and summed.n_total > summed.n_people
                then summed.rank_no
                    + div(
                        (summed.n_running - summed.rank_no)::numeric
                        * (total.n_slots - summed.n_people),
                        (summed.n_total - summed.n_people)::numeric
                    )
            else div(summed.rank_no::numeric * total.n_slots, summed.n_people::numeric)
        end::bigint as n_until
    from summed
    cross join total

),

degrees as (

    select
        user_id,
        n_until - lag(n_until, 1, 0::bigint) over (order by rank_no) as degree
    from targets

),

logs as (

    select
        *,
        width_bucket(degree::float8, %(log_knots)s::float8[]) as knot_no
    from degrees
    where degree > 0
    offset 0

)

select
    user_id,
    degree,
    (%(log_intercepts)s::float8[])[knot_no]
    + (degree * (%(log_slopes)s::float8[])[knot_no]) as log_degree
from logs
