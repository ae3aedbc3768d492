{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
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

values_by_segment as (

    select
        cells.entity,
        cells.metric,
        cells.segment,
        catalogue.unit,
        cells.kept_value as value,
        cast(sum(cells.n_rows) as bigint) as n_rows,
        bit_or(cells.people_sketch) as people_sketch
    from cells
    inner join catalogue
        on cells.entity = catalogue.entity and cells.metric = catalogue.metric
    group by cells.entity, cells.metric, cells.segment, catalogue.unit, cells.kept_value

),

quantiles as (

    {{ quantile_rows(
        'values_by_segment', ['entity', 'metric', 'segment', 'unit'], var('quantile_grid')
    ) }}

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
        cast(min(buckets.n_people) as integer) as n_people
    from buckets
    inner join catalogue using (entity, metric, unit)
    where buckets.metric != 'content_length'
    group by buckets.entity, buckets.metric, buckets.segment, buckets.unit

),

published as (

    select
        entity,
        metric,
        segment,
        'p' || round(100 * probability) as label,
        value,
        unit,
        n_rows,
        {{ people_count('people_sketch_above') }} as n_people
    from quantiles
    where
        n_rows * least(probability, 1 - probability) >= {{ k }}
        and {{ people_count('people_sketch_above') }} >= {{ k }}

    union all

    select
        entity,
        metric,
        segment,
        'max' as label,
        value,
        unit,
        n_rows,
        n_people
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
        false as is_suppressed
    from published

)

select * from final
