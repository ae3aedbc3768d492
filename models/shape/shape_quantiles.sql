{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

cells as (

    select * from {{ ref('int_cells') }}
    where kept_value is not null

),

catalogue as (

    select * from {{ ref('metric_catalogue') }}
    where kind = 'quantile'

),

buckets as (

    select * from {{ ref('shape_buckets') }}

),

published_segments as (

    select distinct
        entity,
        metric,
        segment
    from buckets

),

held as (

    select
        cells.entity,
        cells.metric,
        cells.segment,
        catalogue.unit,
        cells.kept_value as value,
        cells.holder,
        cast(sum(cells.n_rows) as bigint) as n_rows,
        bit_or(cells.people_sketch) as people_sketch
    from cells
    inner join catalogue
        on cells.entity = catalogue.entity and cells.metric = catalogue.metric
    inner join published_segments
        on
            cells.entity = published_segments.entity
            and cells.metric = published_segments.metric
            and cells.segment = published_segments.segment
    group by
        cells.entity,
        cells.metric,
        cells.segment,
        catalogue.unit,
        cells.kept_value,
        cells.holder

),

values_by_segment as (

    select
        entity,
        metric,
        segment,
        unit,
        value,
        cast(sum(n_rows) as bigint) as n_rows,
        bit_or(people_sketch) as people_sketch
    from held
    group by entity, metric, segment, unit, value

),

quantiles as (

    {{ quantile_rows(
        'values_by_segment', ['entity', 'metric', 'segment', 'unit'], var('quantile_grid')
    ) }}

),

-- Who holds the rows at or above a quantile, and those below it.
sides as (

    select
        quantiles.entity,
        quantiles.metric,
        quantiles.segment,
        quantiles.probability,
        held.holder,
        held.value >= quantiles.value as is_above,
        sum(held.n_rows) as n_rows
    from quantiles
    inner join held using (entity, metric, segment, unit)
    group by entity, metric, segment, quantiles.probability, held.holder, is_above

),

side_tops as (

    select
        entity,
        metric,
        segment,
        probability,
        {{ top_share('holder') }} as top_share
    from sides
    group by entity, metric, segment, probability, is_above

),

tops as (

    select
        entity,
        metric,
        segment,
        probability,
        max(top_share) as top_share
    from side_tops
    group by entity, metric, segment, probability

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

published as (

    select
        quantiles.entity,
        quantiles.metric,
        quantiles.segment,
        'p' || round(100 * quantiles.probability) as label,
        quantiles.value,
        quantiles.unit,
        quantiles.n_rows,
        {{ people_count('quantiles.people_sketch_above') }} as n_people,
        tops.top_share
    from quantiles
    inner join tops using (entity, metric, segment, probability)
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
    from published

)

select * from final
