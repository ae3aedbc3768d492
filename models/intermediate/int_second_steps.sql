with

-- From one edge to the next, three significant digits are the same.
digits as (

    select
        (number - 0.5) * power(cast(10 as float8), exponent - 2) as lower_seconds,
        number * power(cast(10 as float8), exponent - 2) as kept_seconds
    from generate_series(-3, 9) as exponent
    cross join generate_series(100, 999) as number

),

-- From one edge to the next, the bucket and the class are the same too.
edges as (

    select
        lower_seconds,
        kept_seconds
    from digits

    union all

    select
        edge as lower_seconds,
        cast(null as float8) as kept_seconds
    from unnest({{ float_array(bucket_edges('seconds')[:-1] + [60]) }}) as edge

    union all

    -- The number that follows 3600.
    select
        3600 * (1 + power(cast(2 as float8), -52)) as lower_seconds,
        cast(null as float8) as kept_seconds

),

distinct_edges as (

    select
        lower_seconds,
        max(kept_seconds) as kept_seconds
    from edges
    group by lower_seconds

),

final as (

    select
        cast(row_number() over (order by lower_seconds) - 1 as integer) as step_index,
        lower_seconds,
        {{ bucket_index('lower_seconds', 'seconds') }} as bucket_index,
        coalesce(max(kept_seconds) over (order by lower_seconds), 0) as kept_seconds,
        case
            when lower_seconds < 60 then 'immediate'
            when lower_seconds <= 3600 then 'near_term'
            else 'delayed'
        end as delay_class
    from distinct_edges

)

select * from final
