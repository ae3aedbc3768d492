{{ config(pre_hook=by_hash()) }}
{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

kept_values as (

    select * from {{ ref('int_values') }}

),

value_counts as (

    select * from {{ ref('int_values__counts') }}

),

catalogue as (

    select * from {{ ref('metric_catalogue') }}
    where kind = 'quantile'

),

buckets as (

    select * from {{ ref('shape_buckets') }}

),

cells as (

    select
        entity,
        metric,
        segment,
        cut,
        bucket_lower,
        bucket_upper,
        sum(n_rows) as n_rows
    from {{ ref('int_cells') }}
    group by entity, metric, segment, cut, bucket_lower, bucket_upper

),

published as (

    select distinct
        entity,
        metric,
        segment
    from buckets

),

-- One number stands for the three names, so that a million rows are grouped by numbers. Values are
-- looked at for all types together: a type's cut and that of all would leave the other types a
-- difference.
series as (

    select
        published.entity,
        published.metric,
        published.segment,
        catalogue.unit,
        {{ "published.segment = 'all'" if k > 0 else 'true' }} as is_measured,
        row_number() over (
            order by published.entity, published.metric, published.segment
        ) as series_number
    from published
    inner join catalogue
        on published.entity = catalogue.entity and published.metric = catalogue.metric

),

-- Delays have buckets in minutes and quantiles in seconds.
scaled_buckets as (

    select
        series.series_number,
        series.unit,
        series.is_measured,
        buckets.n_rows,
        buckets.n_people,
        buckets.top_share,
        buckets.bucket_lower,
        buckets.bucket_upper,
        case when buckets.unit = 'minutes' and series.unit = 'seconds' then 60 else 1 end as n_units
    from series
    inner join buckets using (entity, metric, segment)

),

ranked_buckets as (

    select
        series_number,
        unit,
        is_measured,
        n_units,
        n_rows,
        n_people,
        top_share,
        bucket_lower * n_units as bucket_lower,
        bucket_upper * n_units as bucket_upper,
        sum(n_rows) over ascending - n_rows as n_below,
        cast(sum(n_rows) over (partition by series_number) as bigint) as n_total
    from scaled_buckets
    window ascending as (partition by series_number order by bucket_lower)

),

-- A bucket of all is cut by the edges of classes whose counts are published, too.
parts as (

    select
        ranked_buckets.series_number,
        ranked_buckets.n_below as bucket_n_below,
        min(cells.bucket_lower) * ranked_buckets.n_units as part_lower,
        max(cells.bucket_upper) * ranked_buckets.n_units as part_upper,
        cells.cut,
        sum(cells.n_rows) as n_part_rows
    from ranked_buckets
    inner join series using (series_number)
    inner join cells
        on
            series.entity = cells.entity
            and series.metric = cells.metric
            and series.segment = cells.segment
            and ranked_buckets.bucket_lower <= cells.bucket_lower * ranked_buckets.n_units
            and ranked_buckets.bucket_upper > cells.bucket_lower * ranked_buckets.n_units
    where ranked_buckets.is_measured
    group by
        ranked_buckets.series_number,
        ranked_buckets.n_below,
        ranked_buckets.n_units,
        cells.cut

    union all

    select
        series_number,
        n_below as bucket_n_below,
        bucket_lower as part_lower,
        bucket_upper as part_upper,
        '' as cut,
        n_rows as n_part_rows
    from ranked_buckets
    where not is_measured

),

-- Two classes may share a native bucket: the one that begins first comes first.
ordered_parts as (

    select
        *,
        min(part_lower) over (partition by series_number, cut) as cut_lower
    from parts

),

ranked_parts as (

    select
        *,
        sum(n_part_rows) over ascending - n_part_rows as n_part_below
    from ordered_parts
    window ascending as (
        partition by series_number order by bucket_n_below, cut_lower, part_lower, cut
        rows between unbounded preceding and current row
    )

),

probabilities as (

    select
        ranked_buckets.*,
        probability,
        floor(probability * (ranked_buckets.n_total - 1)) as low,
        ceil(probability * (ranked_buckets.n_total - 1)) as high
    from ranked_buckets
    cross join unnest({{ float_array(var('quantile_grid')) }}) as probability
    where ranked_buckets.n_total * least(probability, 1 - probability) >= {{ k }}

),

-- The bucket of a quantile by its rank, and the quantiles next to it in the same part of it.
ranks as (

    select
        probabilities.*,
        ranked_parts.part_lower,
        -- Whole numbers in a bucket of one: a quantile there says nothing that the bucket does not.
        probabilities.unit != 'seconds'
        and ranked_parts.part_upper - ranked_parts.part_lower <= 1 as is_single,
        probabilities.high
        - coalesce(lag(probabilities.low) over in_part + 1, ranked_parts.n_part_below)
            as n_rows_before,
        coalesce(
            lead(probabilities.high) over in_part,
            ranked_parts.n_part_below + ranked_parts.n_part_rows
        ) - probabilities.low - 1 as n_rows_after
    from probabilities
    inner join ranked_parts
        on
            probabilities.series_number = ranked_parts.series_number
            and probabilities.n_below = ranked_parts.bucket_n_below
            and probabilities.low >= ranked_parts.n_part_below
            and probabilities.low < ranked_parts.n_part_below + ranked_parts.n_part_rows
    window in_part as (
        partition by ranked_parts.series_number, ranked_parts.n_part_below
        order by probabilities.probability
    )

),

{{ cut_holders(var('quantile_grid')) }},

-- A quantile is a value that occurred, and its rank is known: it cuts its bucket in two counts. It
-- is published where either has k rows or none, k people and no one above the limit.
cutting as (

    select
        ranks.*,
        placed.value,
        least(
            {{ people_count('placed.people_sketch_above') }},
            case when not ranks.is_single then least(before.n_people, after.n_people) end
        ) as n_cut_people,
        greatest(
            tops.top_share,
            case when not ranks.is_single then greatest(before.top_share, after.top_share) end
        ) as cut_top_share,
        placed.value is not null
        and (
            ranks.is_single
            or (
                (ranks.n_rows_before = 0 or ranks.n_rows_before >= {{ k }})
                and (ranks.n_rows_after = 0 or ranks.n_rows_after >= {{ k }})
            )
        ) as has_rows
    from ranks
    left join placed using (series_number, probability)
    left join tops using (series_number, probability)
    left join steps as before
        on
            placed.series_number = before.series_number
            and placed.cut_number - 1 = before.n_cuts_reached
    left join steps as after
        on
            placed.series_number = after.series_number
            and placed.cut_number = after.n_cuts_reached

),

-- Those of one bucket are published together, or they might fall out of order.
kept as (

    select
        *,
        bool_and(
            has_rows
            and n_cut_people >= {{ k }}
            and coalesce(cut_top_share, 0) <= {{ limit }}
        ) over (partition by series_number, n_below) as is_kept
    from cutting

),

halfway as (

    select
        *,
        (low + 0.5 - n_below) / n_rows as inside
    from kept

),

-- Elsewhere it is read off its bucket, where that is narrow, and says no more than the buckets.
placed_figures as (

    select
        *,
        case
            when bucket_upper <= 1 then bucket_upper * inside
            when bucket_upper <= 2 * bucket_lower
                then bucket_lower * power(bucket_upper / bucket_lower, inside)
        end as figure_inside
    from halfway

),

read_figures as (

    select
        series_number,
        probability,
        n_total as n_rows,
        case
            when is_kept then value
            when unit = 'seconds' then figure_inside
            else floor(figure_inside)
        end as value,
        case when is_kept then n_cut_people else n_people end as n_people,
        case when is_kept then cut_top_share else top_share end as top_share
    from placed_figures

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
        'p' || round(100 * read_figures.probability) as label,
        -- What is read off a bucket may lie below an exact one that reaches into it.
        max(read_figures.value) over (
            partition by read_figures.series_number order by read_figures.probability
        ) as value,
        series.unit,
        read_figures.n_rows,
        read_figures.n_people,
        read_figures.top_share
    from read_figures
    inner join series using (series_number)
    where read_figures.value is not null

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
