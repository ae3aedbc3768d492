{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
{#- Every array: its metric, kind, where its cells come from, its first label and how many it has. -#}
{%- set arrays = [
    ('hour_of_day', 'hour', 'hour_of_week', 'hour_number % 24', 0, 24),
    ('day_of_week', 'weekday', 'hour_of_week', 'hour_number / 24 + 1', 1, 7),
    ('hour_of_week', 'hour', 'hour_of_week', 'hour_number', 0, 168),
    ('hour_by_type', 'hour', 'hour_by_type', 'hour_number', 0, 24),
] -%}
with

cells as (

    select
        metric,
        segment,
        cast(label as integer) as hour_number,
        n_rows,
        rows_released,
        people_sketch,
        top_rows
    from {{ ref('int_released') }}
    where entity = 'messages' and metric in ('hour_of_week', 'hour_by_type')

),

arrays as (

    {%- for metric, kind, source_metric, place, first_place, n_places in arrays %}
    {%- if not loop.first %}

    union all
    {%- endif %}

    select
        '{{ metric }} ' || segment as series,
        '{{ metric }}' as metric,
        '{{ kind }}' as kind,
        segment,
        {{ place }} as bucket_index,
        sum(n_rows) as n_rows,
        sum(rows_released) as rows_released,
        bit_or(people_sketch) as people_sketch,
        sum(top_rows) as top_rows
    from cells
    where metric = '{{ source_metric }}'
    group by segment, {{ place }}
    {%- endfor %}

),

grouped as (

    {{ grouped_buckets('arrays', k, limit) }}

),

blocks as (

    select
        arrays.series,
        arrays.metric,
        arrays.kind,
        arrays.segment,
        grouped.group_index,
        grouped.last_index,
        sum(arrays.n_rows) as n_rows,
        sum(arrays.rows_released) as rows_released,
        {{ people_count('bit_or(arrays.people_sketch)') }} as n_people,
        sum(arrays.top_rows) as top_rows
    from arrays
    inner join grouped
        on arrays.series = grouped.series and arrays.bucket_index = grouped.bucket_index
    where grouped.is_supported
    group by
        arrays.series,
        arrays.metric,
        arrays.kind,
        arrays.segment,
        grouped.group_index,
        grouped.last_index

),

days as (

    select
        bucket_index as hour_of_day,
        rows_released
    from arrays
    where metric = 'hour_of_day'

),

series as (

    select
        blocks.series,
        blocks.metric,
        blocks.kind,
        blocks.segment,
        max(blocks.n_people) as n_people,
        generate_series(lengths.first_place, lengths.last_place) as place
    from blocks
    inner join (
        values
        {%- for metric, kind, source_metric, place, first_place, n_places in arrays %}
        ('{{ metric }}', {{ first_place }}, {{ first_place + n_places - 1 }}){{ ',' if not loop.last }}
        {%- endfor %}
    ) as lengths (metric, first_place, last_place)
        on blocks.metric = lengths.metric
    group by
        blocks.series,
        blocks.metric,
        blocks.kind,
        blocks.segment,
        lengths.first_place,
        lengths.last_place

),

-- Hours that were taken together follow the hours of the day; weekdays share evenly. Where nobody
-- wrote, there is no block, and nothing.
places as (

    select
        series.series,
        series.metric,
        series.kind,
        series.segment,
        series.place,
        blocks.group_index,
        coalesce(blocks.rows_released, 0) as rows_released,
        coalesce(blocks.n_people, series.n_people) as n_people,
        nullif(blocks.top_rows, 0) / blocks.n_rows as top_share,
        case when series.kind = 'hour' then coalesce(days.rows_released, 0) else 1 end as weight
    from series
    left join blocks
        on
            series.series = blocks.series
            and series.place between blocks.group_index and blocks.last_index
    left join days on series.place % 24 = days.hour_of_day

),

shared as (

    select
        *,
        rows_released * coalesce(
            weight / nullif(sum(weight) over block, 0), 1.0 / count(*) over block
        ) as place_rows
    from places
    window block as (partition by series, group_index)

),

final as (

    select
        'messages' as entity,
        metric,
        segment,
        kind,
        cast(place as text) as label,
        cast(null as float8) as bucket_lower,
        cast(null as float8) as bucket_upper,
        place_rows / sum(place_rows) over (partition by series) as value,
        'share' as unit,
        cast(round(place_rows) as bigint) as n_rows,
        n_people,
        cast(top_share as float8) as top_share,
        false as is_suppressed
    from shared

)

select * from final
