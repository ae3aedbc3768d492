with

cells as (

    select * from {{ ref('fid_cells') }}
    where segment = 'all' and not is_suppressed

),

totals as (

    select
        side,
        entity as sample_unit,
        max(value) as n_units
    from cells
    where metric = 'total_count' and entity in ('messages', 'users')
    group by side, entity

),

clusters as (

    select
        side,
        metric,
        n_rows,
        -- Whole numbers: [3, 4) holds threes.
        case
            when bucket_upper = 'infinity' then bucket_lower
            when bucket_upper - bucket_lower <= 1 then bucket_lower
            -- A merged tail is wide, and most of it lies near its lower end.
            else sqrt(bucket_lower * bucket_upper)
        end as cluster_size
    from cells
    where metric in ('messages_per_conversation', 'session_size') and kind = 'bucket'

),

moments as (

    select
        side,
        metric,
        sum(n_rows) as n_clusters,
        sum(n_rows * cluster_size) as n_members,
        sum(n_rows * power(cluster_size, 2)) as n_squares
    from clusters
    group by side, metric
    -- One unknown cell makes the sums unknown.
    having count(*) = count(n_rows)

),

-- Kish's effective number of clusters, (sum of sizes)^2 / sum of squares: one room with half of
-- all messages weighs like two rooms, not like its thousands of messages.
kish as (

    select
        side,
        metric,
        n_clusters,
        power(n_members, 2) / nullif(n_squares, 0) as n_effective
    from moments

),

sides as (

    select * from totals

    union all

    select
        side,
        'conversations' as sample_unit,
        n_clusters as n_units
    from kish
    where metric = 'messages_per_conversation'

    union all

    select
        side,
        'effective_conversations' as sample_unit,
        n_effective as n_units
    from kish
    where metric = 'messages_per_conversation'

    union all

    select
        side,
        'effective_sessions' as sample_unit,
        n_effective as n_units
    from kish
    where metric = 'session_size'

    union all

    -- A session falls on one day but on about two hours. Halves of the conversations of three
    -- real chats differ in day of week as samples of n_effective sessions do (within 10 %), in
    -- hour of day and of week as samples of 1.9 to 2.4 times as many.
    select
        side,
        'session_hours' as sample_unit,
        2 * n_effective as n_units
    from kish
    where metric = 'session_size'

),

paired as (

    select
        sample_unit,
        max(n_units) filter (where side = 'baseline') as n_expected,
        max(n_units) filter (where side = 'synthetic') as n_actual
    from sides
    group by sample_unit

),

-- A sparse pack holds no sessions: it then has as many a message as the synthetic side.
scaled as (

    select
        paired.sample_unit,
        paired.n_expected,
        paired.n_actual,
        paired.n_actual * coalesce(messages.n_expected / nullif(messages.n_actual, 0), 1)
            as n_in_proportion
    from paired
    left join paired as messages
        on messages.sample_unit = 'messages'

),

final as (

    select
        sample_unit,
        case
            when sample_unit in ('messages', 'users') then n_expected
            else coalesce(n_expected, n_in_proportion)
        end as n_expected,
        n_actual
    from scaled

)

select * from final
