{{ config(pre_hook=by_hash()) }}
{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

-- Read twice rather than kept: a million rows would go to disk.
kept_values as not materialized (

    select * from {{ ref('int_values') }}

),

catalogue as (

    select * from {{ ref('metric_catalogue') }}
    where kind = 'quantile'

),

buckets as (

    select * from {{ ref('shape_buckets') }}

),

published as (

    select distinct
        entity,
        metric,
        segment
    from buckets

),

-- One number stands for the three names, so that a million rows are grouped by numbers.
series as (

    select
        published.entity,
        published.metric,
        published.segment,
        catalogue.unit,
        row_number() over (
            order by published.entity, published.metric, published.segment
        ) as series_number
    from published
    inner join catalogue
        on published.entity = catalogue.entity and published.metric = catalogue.metric

),

values_by_series as (

    select
        series.series_number,
        kept_values.value,
        cast(sum(kept_values.n_rows) as bigint) as n_rows,
        bit_or(kept_values.people_sketch) as people_sketch
    from kept_values
    inner join series using (metric, segment)
    group by series.series_number, kept_values.value

),

quantiles as (

    {{ quantile_rows('values_by_series', ['series_number'], var('quantile_grid')) }}

),

cuts as (

    select
        series_number,
        array_agg(value order by value) as cut_values
    from quantiles
    group by series_number

),

-- Who holds the rows between one quantile and the next.
steps as (

    select
        series.series_number,
        kept_values.holder,
        width_bucket(kept_values.value, cuts.cut_values) as n_cuts_reached,
        sum(kept_values.n_rows) as n_rows
    from kept_values
    inner join series using (metric, segment)
    inner join cuts using (series_number)
    group by series.series_number, kept_values.holder, n_cuts_reached

),

-- Who holds the rows at or above a quantile, and those below it.
sides as (

    select
        quantiles.series_number,
        quantiles.probability,
        steps.holder,
        steps.n_cuts_reached >= width_bucket(quantiles.value, cuts.cut_values) as is_above,
        sum(steps.n_rows) as n_rows
    from quantiles
    inner join cuts using (series_number)
    inner join steps using (series_number)
    group by quantiles.series_number, quantiles.probability, steps.holder, is_above

),

side_tops as (

    select
        series_number,
        probability,
        {{ top_share('holder') }} as top_share
    from sides
    group by series_number, probability, is_above

),

tops as (

    select
        series_number,
        probability,
        max(top_share) as top_share
    from side_tops
    group by series_number, probability

),

-- A length's figures end at p99, a delay's too; elsewhere max is the edge of the last published
-- bucket, never a value that occurred.
top_codes as (

    select
        buckets.entity,
        buckets.metric,
        buckets.segment,
        buckets.unit,
        max(buckets.bucket_upper) as value,
        cast(sum(buckets.n_rows) as bigint) as n_rows,
        cast(min(buckets.n_people) as integer) as n_people,
        max(buckets.top_share) as top_share
    from buckets
    inner join catalogue using (entity, metric, unit)
    where buckets.metric != 'content_length'
    group by buckets.entity, buckets.metric, buckets.segment, buckets.unit

),

figures as (

    select
        series.entity,
        series.metric,
        series.segment,
        'p' || round(100 * quantiles.probability) as label,
        quantiles.value,
        series.unit,
        quantiles.n_rows,
        {{ people_count('quantiles.people_sketch_above') }} as n_people,
        tops.top_share
    from quantiles
    inner join tops using (series_number, probability)
    inner join series using (series_number)
    where
        quantiles.n_rows * least(quantiles.probability, 1 - quantiles.probability) >= {{ k }}
        and {{ people_count('quantiles.people_sketch_above') }} >= {{ k }}
        and coalesce(tops.top_share, 0) <= {{ limit }}

    union all

    select
        entity,
        metric,
        segment,
        'max' as label,
        value,
        unit,
        n_rows,
        n_people,
        top_share
    from top_codes

),

final as (

    select
        entity,
        metric,
        segment,
        'quantile' as kind,
        label,
        cast(null as float8) as bucket_lower,
        cast(null as float8) as bucket_upper,
        value,
        unit,
        n_rows,
        n_people,
        top_share,
        false as is_suppressed
    from figures

)

select * from final
