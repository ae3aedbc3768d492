{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

released as (

    select * from {{ ref('int_released') }}
    where
        bucket_index is not null
        {%- if is_private() %}
        -- Noise far out would outweigh every moment.
        and {{ is_supported('n_rows', 'people_sketch', 'top_rows', 1, 1) }}
        {%- endif %}

),

hours as (

    select * from {{ ref('shape_hours') }}

),

sample_window as (

    select * from {{ ref('int_window') }}

),

-- Lengths are whole numbers: a bucket from 10 to 13 holds 10, 11 and 12, from 9.5 to 12.5.
length_buckets as (

    select
        segment,
        bucket_lower,
        bucket_upper,
        greatest(bucket_lower - 0.5, 0.5) as lower,
        bucket_upper - 0.5 as upper,
        rows_released as n_rows,
        rows_released / (bucket_upper - bucket_lower) as density,
        people_sketch,
        top_rows,
        released.n_rows as exact_rows
    from released
    where metric = 'content_length'

),

-- How steeply lengths become rarer across a bucket, from the buckets beside it: as a power of the
-- length. No power is exactly 1 or 2, for which the mean has another form.
length_slopes as (

    select
        *,
        greatest(0, least(4, coalesce(
            ln(
                greatest(lag(density) over by_length, 1e-9)
                / greatest(lead(density) over by_length, 1e-9)
            ) / ln(
                (lead(lower + upper) over by_length) / (lag(lower + upper) over by_length)
            ), 1
        ))) + 1e-4 as slope
    from length_buckets
    window by_length as (partition by segment order by bucket_lower)

),

lengths as (

    select
        segment,
        sum(n_rows * case
            when bucket_upper - bucket_lower <= 1 then bucket_lower
            else
                (1 - slope) / (2 - slope)
                * (power(upper, 2 - slope) - power(lower, 2 - slope))
                / (power(upper, 1 - slope) - power(lower, 1 - slope))
        end) / nullif(sum(n_rows), 0) as value,
        sum(n_rows) as n_rows,
        bit_or(people_sketch) as people_sketch,
        nullif(sum(top_rows), 0) / sum(exact_rows) as top_share
    from length_slopes
    group by segment

),

minutes as (

    select
        bucket_lower,
        bucket_upper,
        rows_released,
        people_sketch,
        sum(rows_released) over () as n_minutes,
        sum(rows_released) over ascending - rows_released as n_below,
        sum(rows_released) over ascending as n_up_to
    from released
    where metric = 'minute_size'
    window ascending as (
        order by bucket_index rows between unbounded preceding and current row
    )

),

-- The 95th percentile of the busy minutes over their mean.
burst as (

    select
        max(case
            when 0.95 * n_minutes > n_below and 0.95 * n_minutes <= n_up_to
                then
                    case
                        when bucket_upper - bucket_lower <= 1 then bucket_lower
                        else bucket_lower * power(
                            bucket_upper / bucket_lower,
                            (0.95 * n_minutes - n_below) / nullif(rows_released, 0)
                        )
                    end
        end) / (
            sum(rows_released * case
                when bucket_upper - bucket_lower <= 1 then bucket_lower
                else {{ bucket_moment(1, 'bucket_lower', 'bucket_upper') }} - 0.5
            end) / nullif(sum(rows_released), 0)
        ) as value,
        sum(rows_released) as n_rows,
        bit_or(people_sketch) filter (where 0.95 * n_minutes <= n_up_to) as people_sketch
    from minutes

),

gap_moments as (

    select
        sum(rows_released) as n_rows,
        sum(rows_released * {{ bucket_moment(1, 'bucket_lower', 'bucket_upper') }})
        / nullif(sum(rows_released), 0) as mean_seconds,
        sum(rows_released * {{ bucket_moment(2, 'bucket_lower', 'bucket_upper') }})
        / nullif(sum(rows_released), 0) as mean_square,
        bit_or(people_sketch) as people_sketch,
        nullif(sum(top_rows), 0) / sum(n_rows) as top_share
    from released
    where metric = 'inter_arrival'

),

-- B = (s - m) / (s + m), Goh & Barabási 2008.
burstiness as (

    select
        (sqrt(greatest(mean_square - power(mean_seconds, 2), 0)) - mean_seconds)
        / nullif(sqrt(greatest(mean_square - power(mean_seconds, 2), 0)) + mean_seconds, 0)
            as value,
        n_rows,
        people_sketch,
        top_share
    from gap_moments

),

-- Correlation of the logarithms of successive gaps, by the class of either.
succession as (

    select
        cast(bucket_index as float8) as gap_class,
        cast(segment as float8) as previous_class,
        n_rows,
        rows_released,
        people_sketch,
        top_rows
    from released
    where metric = 'gap_succession'

),

succession_sums as (

    select
        sum(rows_released) as n,
        sum(rows_released * gap_class) as x,
        sum(rows_released * previous_class) as y,
        sum(rows_released * power(gap_class, 2)) as xx,
        sum(rows_released * power(previous_class, 2)) as yy,
        sum(rows_released * gap_class * previous_class) as xy,
        bit_or(people_sketch) as people_sketch,
        nullif(sum(top_rows), 0) / sum(n_rows) as top_share
    from succession

),

memory as (

    select
        (n * xy - x * y)
        / nullif(
            sqrt(greatest(n * xx - power(x, 2), 0)) * sqrt(greatest(n * yy - power(y, 2), 0)), 0
        ) as value,
        n as n_rows,
        people_sketch,
        top_share
    from succession_sums

),

peak_trough as (

    select
        max(value) / nullif(min(value), 0) as value,
        sum(n_rows) as n_rows,
        min(n_people) as n_people
    from hours
    where metric = 'hour_of_day'

),

window_days as (

    select
        count(*) filter (where extract(isodow from days.day_start at time zone 'UTC') <= 5)
            as n_weekdays,
        count(*) filter (where extract(isodow from days.day_start at time zone 'UTC') > 5)
            as n_weekend_days
    from sample_window
    cross join lateral generate_series(
        date_trunc('day', sample_window.window_start, 'UTC'),
        sample_window.as_of,
        interval '24 hours'
    ) as days (day_start)

),

weekend as (

    select
        sum(hours.value) filter (where cast(hours.label as integer) <= 5)
        / nullif(min(window_days.n_weekdays), 0)
        / nullif(
            sum(hours.value) filter (where cast(hours.label as integer) > 5)
            / nullif(min(window_days.n_weekend_days), 0), 0
        ) as value,
        sum(hours.n_rows) as n_rows,
        min(hours.n_people) as n_people
    from hours
    cross join window_days
    where hours.metric = 'day_of_week'

),

final as (

    {%- for relation, metric, segment, label, unit, people, top_share in [
        (
            'lengths', 'content_length', 'segment', "'mean'", 'characters',
            people_count('people_sketch'), 'top_share'
        ),
        (
            'burst', 'burst_coefficient', "'all'", 'null', 'ratio',
            people_count('people_sketch'), 'null'
        ),
        (
            'burstiness', 'burstiness', "'all'", 'null', 'coefficient',
            people_count('people_sketch'), 'top_share'
        ),
        (
            'memory', 'memory_coefficient', "'all'", 'null', 'coefficient',
            people_count('people_sketch'), 'top_share'
        ),
        ('peak_trough', 'peak_trough_ratio', "'all'", 'null', 'ratio', 'n_people', 'null'),
        ('weekend', 'weekday_weekend_ratio', "'all'", 'null', 'ratio', 'n_people', 'null'),
    ] %}
    {%- if not loop.first %}

    union all
    {%- endif %}

    select
        'messages' as entity,
        '{{ metric }}' as metric,
        {{ segment }} as segment,
        {{ label }} as label,
        value,
        '{{ unit }}' as unit,
        cast(round(n_rows) as bigint) as n_rows,
        {{ people }} as n_people,
        cast({{ top_share }} as float8) as top_share
    from {{ relation }}
    where value is not null and coalesce({{ top_share }}, 0) <= {{ limit }}
    {%- endfor %}

)

select * from final
