with

baseline as (

    select window_days from {{ source('shape_baseline', 'pack_meta') }}

),

synthetic as (

    select sample_window_days from {{ ref('shape_window') }}

),

lengths as (

    select
        (select max(baseline.window_days) from baseline) as expected_days,
        (select max(synthetic.sample_window_days) from synthetic) as actual_days

),

final as (

    select
        expected_days,
        actual_days,
        -- The first and the last synthetic message lie inside the window they were made for, and
        -- a hand-written pack may not name its window.
        coalesce(
            actual_days between expected_days * 0.8 - 1 and expected_days * 1.25 + 1, true
        ) as is_similar
    from lengths

)

select * from final
