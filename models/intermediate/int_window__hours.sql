with

sample_window as (

    select * from {{ ref('int_window') }}

),

weekly_profile as (

    select * from {{ ref('int_messages__weekly_profile') }}

),

hours as (

    select
        hour_number,
        (hour_number + 72) % 168 as hour_of_week
    from sample_window
    cross join lateral generate_series(
        cast(floor({{ epoch_seconds('sample_window.window_start') }} / 3600) as integer),
        cast(floor({{ epoch_seconds('sample_window.as_of') }} / 3600) as integer)
    ) as hour_number

),

-- Activity time at the hour's start, counted from Monday 1970-01-05, hour 96 of the epoch.
started as (

    select
        hours.hour_number,
        weekly_profile.rate,
        (hours.hour_number - 96 - hours.hour_of_week) * cast(3600 as float8)
        + weekly_profile.activity_before as activity_start
    from hours
    inner join weekly_profile on hours.hour_of_week = weekly_profile.hour_of_week

),

final as (

    select
        hour_number,
        rate,
        activity_start - rate * hour_number * 3600 as intercept
    from started

)

select * from final
