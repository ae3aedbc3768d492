-- name: draft_conversations
-- params: type_counts bigint[] (conversations with messages, by type), empty_counts bigint[],
--         n_messages bigint, size_knots float8[], size_intercepts float8[], size_slopes float8[]
-- returns: nothing; fills draft, one row per conversation, with exactly n_messages in total
-- The ranks of a type are spread evenly over its quantile function (systematic sampling), so
-- percentiles carry no sampling noise. What is missing to the total is spread in proportion
-- to the sizes beyond the first message, by rounding a running total: integers, hence exact.
insert into {work}.draft (draft_no, type_no, n_messages)
with

ranks as (

    select
        types.type_no,
        rank_no,
        (types.type_no - 1) + ((rank_no - 0.5::float8) / types.n_conversations) as position
    from unnest(%(type_counts)s::bigint[]) with ordinality as types (n_conversations, type_no)
    cross join lateral generate_series(1, types.n_conversations) as rank_no
    offset 0

),

placed as (

    select
        *,
        width_bucket(position, %(size_knots)s::float8[]) as knot_no
    from ranks
    offset 0

),

sized as (

    select
        row_number() over (order by type_no, rank_no) as draft_no,
        type_no,
        rank_no,
        greatest(
            1,
            floor(
                (%(size_intercepts)s::float8[])[knot_no]
                + (position * (%(size_slopes)s::float8[])[knot_no])
            )
        )::bigint as n_drawn
    from placed

),

summed as (

    select
        draft_no,
        type_no,
        n_drawn,
        sum(n_drawn) over (order by draft_no)::bigint as n_running,
        sum(n_drawn) over ()::bigint as n_total,
        count(*) over () as n_conversations
    from sized

),

targets as (

    select
        draft_no,
        type_no,
        case
            when n_total > n_conversations
                then draft_no
                    + div(
                        (n_running - draft_no)::numeric * (%(n_messages)s - n_conversations),
                        (n_total - n_conversations)::numeric
                    )
            else div(draft_no::numeric * %(n_messages)s, n_conversations::numeric)
        end::bigint as n_until
    from summed

),

final as (

    select
        draft_no,
        type_no,
        n_until - lag(n_until, 1, 0::bigint) over (order by draft_no) as n_messages
    from targets

    union all

    -- Conversations without a message in the window come after all others.
    select
        (select count(*) from ranks)
        + row_number() over (order by empties.type_no, empty_no) as draft_no,
        empties.type_no,
        0 as n_messages
    from unnest(%(empty_counts)s::bigint[]) with ordinality as empties (n_conversations, type_no)
    cross join lateral generate_series(1, empties.n_conversations) as empty_no

)

select * from final
