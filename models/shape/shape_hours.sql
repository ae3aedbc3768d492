{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
{#- Arrays: metric, kind, first and last place. -#}
{%- set arrays = [
    ('hour_of_day', 'hour', 0, 23),
    ('day_of_week', 'weekday', 1, 7),
    ('hour_of_week', 'hour', 0, 167),
    ('hour_by_type', 'hour', 0, 23),
] -%}
with

forms (metric, kind, first_place, last_place) as (

    values
    {%- for metric, kind, first_place, last_place in arrays %}
    ('{{ metric }}', '{{ kind }}', {{ first_place }}, {{ last_place }}){{ ',' if not loop.last }}
    {%- endfor %}

),

arrays as (

    select
        released.metric || ' ' || released.segment as series,
        released.metric,
        forms.kind,
        released.segment,
        cast(released.label as integer) as bucket_index,
        released.n_rows,
        released.rows_released,
        released.people_sketch,
        released.top_rows
    from {{ ref('int_released') }} as released
    inner join forms on released.metric = forms.metric
    where released.entity = 'messages'

),

grouped as (

    {{ grouped_buckets('arrays', k, limit, is_full=true) }}

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
        {{ 'greatest(rows_released, 0) as rows_released' if is_private() else 'rows_released' }}
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
        generate_series(forms.first_place, forms.last_place) as place
    from blocks
    inner join forms on blocks.metric = forms.metric
    group by
        blocks.series,
        blocks.metric,
        blocks.kind,
        blocks.segment,
        forms.first_place,
        forms.last_place

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
        coalesce({{ 'greatest(blocks.rows_released, 0)' if is_private() else 'blocks.rows_released' }}, 0) as rows_released,
        coalesce(blocks.n_people, series.n_people) as n_people,
        {{ top_share('blocks.top_rows', 'blocks.n_rows') }} as top_share,
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
        top_share,
        false as is_suppressed
    from shared

)

select * from final
