with

minutes as (

    select * from {{ ref('int_messages__minutes') }}

),

sample_window as (

    select * from {{ ref('int_window') }}

),

-- Hour 0 of the week is Monday 00:00; hour 0 of the epoch was a Thursday 00:00.
messages_by_hour as (

    select
        cast((minute_number / 60 + 72) % 168 as integer) as hour_of_week,
        sum(n_messages) as n_messages,
        bit_or(people_sketch) as people_sketch
    from minutes
    group by 1

),

window_hours as (

    select
        cast(floor({{ epoch_seconds('window_start') }} / 3600) as bigint) as first_hour,
        cast(floor({{ epoch_seconds('as_of') }} / 3600) as bigint) as last_hour
    from sample_window

),

occurrences as (

    select
        cast((hour_number + 72) % 168 as integer) as hour_of_week,
        count(*) as n_hours
    from window_hours
    cross join lateral generate_series(first_hour, last_hour) as hour_number
    group by 1

),

hours as (

    select
        hour_of_week,
        cast(coalesce(messages_by_hour.n_messages, 0) as bigint) as n_messages,
        coalesce(messages_by_hour.people_sketch, 0) as people_sketch,
        coalesce(occurrences.n_hours, 0) as n_hours,
        coalesce(cast(messages_by_hour.n_messages as float8) / occurrences.n_hours, 0) as per_hour
    from generate_series(0, 167) as hour_of_week
    left join messages_by_hour using (hour_of_week)
    left join occurrences using (hour_of_week)

),

warped as (

    select
        hour_of_week,
        n_messages,
        people_sketch,
        n_hours,
        power(
            greatest(coalesce(per_hour / nullif(avg(per_hour) over (), 0), 1), 0.02),
            cast({{ 0 if is_private() else var('activity_exponent') }} as float8)
        ) as power_rate
    from hours

),

rates as (

    select
        hour_of_week,
        n_messages,
        people_sketch,
        n_hours,
        power_rate / avg(power_rate) over () as rate
    from warped

),

final as (

    select
        hour_of_week,
        people_sketch,
        n_messages,
        n_hours,
        rate,
        3600 * (sum(rate) over (order by hour_of_week) - rate) as activity_before
    from rates

)

select * from final
