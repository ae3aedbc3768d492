with

sample_window as (

    select * from {{ ref('int_window') }}

),

final as (

    select
        cast(greatest(ceil(window_days), 1) as integer) as sample_window_days,
        cast(window_start at time zone 'UTC' as date) as first_day,
        cast(as_of at time zone 'UTC' as date) as last_day
    from sample_window

)

select * from final
