{{ config(pre_hook=by_hash()) }}
{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

profile as (

    select * from {{ ref('int_messages__weekly_profile') }}

),

-- Of all types together, before anything is merged: a fifth of the rows.
held_hours as (

    select
        hour_of_week,
        holder,
        cast(sum(n_messages) as bigint) as n_messages,
        bit_or(people_sketch) as people_sketch
    from {{ ref('int_messages__type_hours') }}
    group by hour_of_week, holder

),

-- The profile has every hour of the week, those without a message too.
known_hours as (

    select
        hour_of_week,
        cast(0 as bigint) as holder,
        cast(0 as bigint) as n_messages,
        cast(0 as bigint) as people_sketch
    from profile

    union all

    select
        hour_of_week,
        holder,
        n_messages,
        people_sketch
    from held_hours

),

hours as (

    select
        *,
        hour_of_week / 24 + 1 as day_number,
        hour_of_week % 24 as hour_number
    from known_hours

),

single_cells as (

    select
        'messages' as entity,
        'hour_of_day' as metric,
        'all' as segment,
        'all' as part,
        hour_number as bucket_index,
        holder,
        n_messages as n_rows,
        people_sketch
    from hours

    union all

    select
        'messages' as entity,
        'day_of_week' as metric,
        'all' as segment,
        'all' as part,
        day_number as bucket_index,
        holder,
        n_messages as n_rows,
        people_sketch
    from hours

),

merged_single as (

    {{ merged_buckets('single_cells', k, limit) }}

),

day_blocks as (

    select
        bucket_index as hour_number,
        group_index as first_hour
    from merged_single
    where metric = 'hour_of_day'

),

-- In the week, a day is a part: hours of the day merge for all days alike, or hour of day minus
-- the other days would show what one day's hour holds. A block of the week ends where one of the
-- day does, or the days together would cut that one.
week_cells as (

    select
        'messages' as entity,
        'hour_of_week' as metric,
        'all' as segment,
        cast(hours.day_number as text) as part,
        day_blocks.first_hour as bucket_index,
        hours.holder,
        hours.n_messages as n_rows,
        hours.people_sketch
    from hours
    inner join day_blocks on hours.hour_number = day_blocks.hour_number

),

merged_week as (

    {{ merged_buckets('week_cells', k, limit) }}

),

merged as (

    select * from merged_single

    union all

    select
        merged_week.entity,
        merged_week.metric,
        merged_week.segment,
        day_blocks.hour_number as bucket_index,
        merged_week.group_index
    from merged_week
    inner join day_blocks on merged_week.bucket_index = day_blocks.first_hour

),

cells as (

    select * from single_cells

    union all

    select
        'messages' as entity,
        'hour_of_week' as metric,
        'all' as segment,
        cast(day_number as text) as part,
        hour_number as bucket_index,
        holder,
        n_messages as n_rows,
        people_sketch
    from hours

),

totals as (

    select sum(n_messages) as n_messages
    from hours

),

held as (

    select
        cells.metric,
        cells.part,
        merged.group_index,
        cells.holder,
        sum(cells.n_rows) as n_rows,
        bit_or(cells.people_sketch) as people_sketch
    from cells
    inner join merged using (entity, metric, segment, bucket_index)
    group by cells.metric, cells.part, merged.group_index, cells.holder

),

sizes as (

    select
        metric,
        group_index,
        count(distinct bucket_index) as n_cells
    from merged
    group by metric, group_index

),

blocks as (

    select
        held.metric,
        held.part,
        held.group_index,
        sum(held.n_rows) as n_messages,
        min(sizes.n_cells) as n_cells,
        {{ people_count('bit_or(held.people_sketch)') }} as n_people,
        {{ top_share('held.holder', 'held.n_rows') }} as top_share
    from held
    inner join sizes using (metric, group_index)
    group by held.metric, held.part, held.group_index

),

single as (

    select
        merged.metric,
        merged.bucket_index,
        cast(blocks.n_messages / blocks.n_cells as float8) as n_messages,
        blocks.n_people,
        blocks.top_share
    from merged
    inner join blocks
        on merged.metric = blocks.metric and merged.group_index = blocks.group_index
    where merged.metric in ('hour_of_day', 'day_of_week')

),

hour_of_day as (

    select
        bucket_index as hour_number,
        n_messages,
        n_people,
        top_share
    from single
    where metric = 'hour_of_day'

),

day_of_week as (

    select
        bucket_index as day_number,
        n_messages,
        n_people,
        top_share
    from single
    where metric = 'day_of_week'

),

-- A block of hours is shared out by the published hours of the day, a day that has no block of
-- its own likewise: nothing comes out that was not published.
week_blocks as (

    select
        day_of_week.day_number,
        hour_of_day.hour_number,
        coalesce(blocks.group_index, 0) as group_index,
        coalesce(blocks.n_messages, day_of_week.n_messages) as n_messages,
        coalesce(blocks.n_people, least(hour_of_day.n_people, day_of_week.n_people)) as n_people,
        coalesce(blocks.top_share, day_of_week.top_share) as top_share,
        hour_of_day.n_messages as hour_weight
    from day_of_week
    cross join hour_of_day
    left join merged
        on merged.metric = 'hour_of_week' and hour_of_day.hour_number = merged.bucket_index
    left join blocks
        on
            blocks.metric = 'hour_of_week'
            and merged.group_index = blocks.group_index
            and cast(day_of_week.day_number as text) = blocks.part

),

week as (

    select
        24 * (day_number - 1) + hour_number as hour_of_week,
        n_people,
        top_share,
        n_messages * coalesce(
            hour_weight / nullif(sum(hour_weight) over block, 0),
            1.0 / count(*) over block
        ) as n_messages
    from week_blocks
    window block as (partition by day_number, group_index)

),

arrays as (

    select
        'hour_of_day' as metric,
        'hour' as kind,
        hour_number as label,
        n_messages,
        n_people,
        top_share
    from hour_of_day

    union all

    select
        'day_of_week' as metric,
        'weekday' as kind,
        day_number as label,
        n_messages,
        n_people,
        top_share
    from day_of_week

    union all

    select
        'hour_of_week' as metric,
        'hour' as kind,
        hour_of_week as label,
        n_messages,
        n_people,
        top_share
    from week

),

final as (

    select
        'messages' as entity,
        arrays.metric,
        'all' as segment,
        arrays.kind,
        cast(arrays.label as text) as label,
        cast(null as float8) as bucket_lower,
        cast(null as float8) as bucket_upper,
        cast(arrays.n_messages / nullif(totals.n_messages, 0) as float8) as value,
        'share' as unit,
        cast(round(arrays.n_messages) as bigint) as n_rows,
        arrays.n_people,
        arrays.top_share,
        false as is_suppressed
    from arrays
    cross join totals
    where totals.n_messages > 0

)

select * from final
