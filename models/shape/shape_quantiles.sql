{{ config(pre_hook=by_hash()) }}
{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set inside, private = is_inside(), is_private() -%}
with
{%- if not private %}

counted_values as (

    select * from {{ ref('int_values') }}

),
{%- endif %}

buckets as (

    select * from {{ ref('shape_buckets') }}

),

catalogue as (

    select * from {{ ref('metric_catalogue') }}
    where kind = 'quantile'

),

-- What has no histogram has no quantiles.
series as (

    select
        buckets.entity,
        buckets.metric,
        buckets.segment,
        catalogue.unit,
        buckets.unit = catalogue.unit as is_in_unit,
        max(buckets.bucket_upper) as largest_edge,
        sum(buckets.n_rows) as n_released,
        min(buckets.n_people) as n_people,
        max(buckets.top_share) as top_share
    from buckets
    inner join catalogue
        on buckets.entity = catalogue.entity and buckets.metric = catalogue.metric
    group by buckets.entity, buckets.metric, buckets.segment, buckets.unit, catalogue.unit

),
{%- if private %}

valued as (

    {{ bucket_quantiles('series', 'buckets', var('quantile_grid'), k) }}

),
{%- else %}

ranked as (

    select
        *,
        sum(n_rows) over ascending - n_rows as n_below,
        sum(n_rows) over whole as n_total,
        sum(value * n_rows) over whole as sum_values
    from counted_values
    window
        whole as (partition by metric, segment),
        ascending as (
            partition by metric, segment order by value
            rows between unbounded preceding and current row
        )

),

totals as (

    select distinct
        metric,
        segment,
        n_total,
        sum_values
    from ranked

),
{%- if inside %}

noise as (

    select * from {{ ref('int_noise') }}

),
{%- endif %}

-- A quantile is the value at a rank that noise has moved, by as many rows as it moves a count. The
-- noise is drawn once, before values are looked up.
probabilities as materialized (

    select
        series.*,
        probability,
        greatest(
            0,
            least(
                totals.n_total - 1,
                probability * (totals.n_total - 1)
                {%- if inside %}
                + {{ noise(
                    'noise',
                    "concat_ws(' ', series.metric, series.segment, probability, totals.n_total, "
                    ~ "totals.sum_values)",
                    'totals.n_total'
                ) }}
                {%- endif %}
            )
        ) as moved_rank
    from series
    inner join totals on series.metric = totals.metric and series.segment = totals.segment
    cross join unnest({{ float_array(var('quantile_grid')) }}) as probability
    where series.n_released * least(probability, 1 - probability) >= {{ k }}

),

valued as (

    select
        probabilities.*,
        lower_values.value
        + (upper_values.value - lower_values.value)
        * (probabilities.moved_rank - floor(probabilities.moved_rank)) as value
    from probabilities
    inner join ranked as lower_values
        on
            probabilities.metric = lower_values.metric
            and probabilities.segment = lower_values.segment
            and floor(probabilities.moved_rank) >= lower_values.n_below
            and floor(probabilities.moved_rank) < lower_values.n_below + lower_values.n_rows
    inner join ranked as upper_values
        on
            probabilities.metric = upper_values.metric
            and probabilities.segment = upper_values.segment
            and ceil(probabilities.moved_rank) >= upper_values.n_below
            and ceil(probabilities.moved_rank) < upper_values.n_below + upper_values.n_rows

),
{%- endif %}

-- Three digits, as the edges of the grids have; noise may have put a rank past the next one's.
figures as (

    select
        entity,
        metric,
        segment,
        'p' || round(100 * probability) as label,
        max({{ significant('value') }}) over (
            partition by entity, metric, segment order by probability
        ) as value,
        unit,
        n_released,
        n_people,
        top_share
    from valued
    {%- if not private %}

    union all

    -- The largest is the edge of the last published bucket, never a value that occurred. A length's
    -- figures end at p99.
    select
        series.entity,
        series.metric,
        series.segment,
        'max' as label,
        series.largest_edge as value,
        series.unit,
        series.n_released,
        series.n_people,
        series.top_share
    from series
    where series.is_in_unit and series.metric != 'content_length'
    {%- endif %}

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
        cast(value as float8) as value,
        unit,
        cast(n_released as bigint) as n_rows,
        n_people,
        top_share,
        false as is_suppressed
    from figures

)

select * from final
