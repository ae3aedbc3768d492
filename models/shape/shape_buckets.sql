{{ config(pre_hook=by_hash()) }}
{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

catalogue as (

    select * from {{ ref('metric_catalogue') }}
    where kind = 'bucket'

),

buckets as (

    select
        concat_ws(' ', released.entity, released.metric, released.segment) as series,
        released.*,
        catalogue.unit
    from {{ ref('int_released') }} as released
    inner join catalogue
        on released.entity = catalogue.entity and released.metric = catalogue.metric
    where released.bucket_index is not null and released.segment not like '%.empty'

),

grouped as (

    {{ grouped_buckets('buckets', k, limit) }}

),
{%- if is_private() %}

-- What stands out may be a small part of what is there: then it would tell of another distribution.
covered as (

    select buckets.series
    from buckets
    inner join grouped
        on buckets.series = grouped.series and buckets.bucket_index = grouped.bucket_index
    group by buckets.series
    having
        sum(buckets.rows_released) filter (where grouped.is_supported)
        >= {{ var('dp_covered') }} * sum(buckets.rows_released)

),
{%- endif %}

published as (

    select
        buckets.entity,
        buckets.metric,
        buckets.segment,
        buckets.unit,
        min(buckets.bucket_lower) as bucket_lower,
        max(buckets.bucket_upper) as bucket_upper,
        sum(buckets.n_rows) as n_rows,
        sum(buckets.rows_released) as rows_released,
        {{ people_count('bit_or(buckets.people_sketch)') }} as n_people,
        sum(buckets.top_rows) as top_rows
    from buckets
    inner join grouped
        on buckets.series = grouped.series and buckets.bucket_index = grouped.bucket_index
    where
        grouped.is_supported
        {%- if is_private() %}
        and buckets.series in (select covered.series from covered)
        {%- endif %}
    group by
        buckets.entity, buckets.metric, buckets.segment, buckets.unit, grouped.group_index

),

-- Whole numbers whose sum is the sum.
rounded as (

    select
        *,
        round(sum(rows_released) over up_to_here)
        - round(sum(rows_released) over up_to_here - rows_released) as n_released
    from published
    window up_to_here as (
        partition by entity, metric, segment order by bucket_lower
        rows between unbounded preceding and current row
    )

),

final as (

    select
        entity,
        metric,
        segment,
        'bucket' as kind,
        cast(null as text) as label,
        bucket_lower,
        bucket_upper,
        n_released / sum(n_released) over (partition by entity, metric, segment) as value,
        unit,
        cast(n_released as bigint) as n_rows,
        n_people,
        {{ top_share('top_rows', 'n_rows') }} as top_share,
        false as is_suppressed
    from rounded
    where n_released > 0

)

select * from final
