with

cells as (

    select * from {{ ref('fid_cells') }}
    where kind in ('category', 'bucket', 'hour', 'weekday')

),

expected as (

    select * from cells
    where side = 'baseline'

),

actual as (

    select * from cells
    where side = 'synthetic'

),

-- One row per distribution that the baseline publishes.
expected_groups as (

    select
        entity,
        metric,
        segment,
        kind,
        segment_prefix,
        size_lower,
        size_upper,
        senders_lower,
        senders_upper,
        tempo_lower,
        tempo_upper,
        case when count(*) = count(n_rows) then sum(n_rows) end as n_expected,
        -- Hand-written packs may hold shares only; they serve as counts when all are there.
        count(*) = count(value) as has_values
    from expected
    where not is_suppressed
    group by
        entity, metric, segment, kind, segment_prefix, size_lower, size_upper,
        senders_lower, senders_upper, tempo_lower, tempo_upper

),

-- The baseline merges tempo classes where support is thin, so its segment takes in every
-- synthetic segment that lies within it. Labels carry six digits, hence the tolerance.
actual_groups as (

    select distinct
        entity,
        metric,
        segment,
        kind,
        segment_prefix,
        size_lower,
        size_upper,
        senders_lower,
        senders_upper,
        tempo_lower,
        tempo_upper
    from actual

),

segment_map as (

    select
        wide.entity,
        wide.metric,
        wide.kind,
        wide.segment,
        narrow.segment as actual_segment
    from expected_groups as wide
    inner join actual_groups as narrow
        on
            wide.entity = narrow.entity
            and wide.metric = narrow.metric
            and wide.kind = narrow.kind
            and wide.segment_prefix = narrow.segment_prefix
            and (wide.size_lower is null) = (narrow.size_lower is null)
            and (wide.senders_lower is null) = (narrow.senders_lower is null)
            and (wide.tempo_lower is null) = (narrow.tempo_lower is null)
            and coalesce(narrow.size_lower >= wide.size_lower * (1 - 1e-5), true)
            and coalesce(narrow.size_upper <= wide.size_upper * (1 + 1e-5), true)
            and coalesce(narrow.senders_lower >= wide.senders_lower * (1 - 1e-5), true)
            and coalesce(narrow.senders_upper <= wide.senders_upper * (1 + 1e-5), true)
            and coalesce(narrow.tempo_lower >= wide.tempo_lower * (1 - 1e-5), true)
            and coalesce(narrow.tempo_upper <= wide.tempo_upper * (1 + 1e-5), true)

),

actual_merged as (

    select
        segment_map.entity,
        segment_map.metric,
        segment_map.kind,
        segment_map.segment,
        actual.label,
        actual.bucket_lower,
        actual.bucket_upper,
        cast(sum(actual.n_rows) as float8) as weight
    from segment_map
    inner join actual
        on
            segment_map.entity = actual.entity
            and segment_map.metric = actual.metric
            and segment_map.kind = actual.kind
            and segment_map.actual_segment = actual.segment
    group by
        segment_map.entity, segment_map.metric, segment_map.kind, segment_map.segment,
        actual.label, actual.bucket_lower, actual.bucket_upper

),

actual_arrays as (

    select
        entity,
        metric,
        kind,
        segment,
        sum(weight) as n_actual,
        array_agg(bucket_lower order by bucket_lower, bucket_upper) as lowers,
        array_agg(bucket_upper order by bucket_lower, bucket_upper) as uppers,
        array_agg(weight order by bucket_lower, bucket_upper) as weights
    from actual_merged
    group by entity, metric, kind, segment

),

-- Every edge of the baseline, and both ends of the line: what it left out is a cell too.
edges as (

    select
        expected_groups.entity,
        expected_groups.metric,
        expected_groups.kind,
        expected_groups.segment,
        edge.bucket_edge
    from expected_groups
    inner join expected
        on
            expected_groups.entity = expected.entity
            and expected_groups.metric = expected.metric
            and expected_groups.kind = expected.kind
            and expected_groups.segment = expected.segment
    cross join
        unnest(
            array[expected.bucket_lower, expected.bucket_upper, '-infinity', 'infinity']
        ) as edge (bucket_edge)
    where expected_groups.kind = 'bucket'
    group by
        expected_groups.entity, expected_groups.metric, expected_groups.kind,
        expected_groups.segment, edge.bucket_edge

),

grid as (

    select
        entity,
        metric,
        kind,
        segment,
        bucket_edge as bucket_lower,
        lead(bucket_edge) over (
            partition by entity, metric, kind, segment order by bucket_edge
        ) as bucket_upper
    from edges

),

bucket_pairs as (

    select
        grid.entity,
        grid.metric,
        grid.kind,
        grid.segment,
        '' as label,
        grid.bucket_lower,
        grid.bucket_upper,
        case when expected.entity is null then 0 else expected.value end as expected_value,
        case when expected.entity is null then 0 else expected.n_rows end as expected_rows,
        coalesce(
            synth.binned_cdf(
                actual_arrays.lowers, actual_arrays.uppers, actual_arrays.weights,
                grid.bucket_upper
            )
            - synth.binned_cdf(
                actual_arrays.lowers, actual_arrays.uppers, actual_arrays.weights,
                grid.bucket_lower
            ),
            0
        ) as actual_weight,
        coalesce(expected.is_suppressed, false) as is_suppressed
    from grid
    left join expected
        on
            grid.entity = expected.entity
            and grid.metric = expected.metric
            and grid.kind = expected.kind
            and grid.segment = expected.segment
            and grid.bucket_lower = expected.bucket_lower
            and grid.bucket_upper = expected.bucket_upper
    left join actual_arrays
        on
            grid.entity = actual_arrays.entity
            and grid.metric = actual_arrays.metric
            and grid.kind = actual_arrays.kind
            and grid.segment = actual_arrays.segment
    where grid.bucket_upper is not null

),

labels as (

    select
        expected_groups.entity,
        expected_groups.metric,
        expected_groups.kind,
        expected_groups.segment,
        cells.label
    from expected_groups
    inner join cells
        on
            expected_groups.entity = cells.entity
            and expected_groups.metric = cells.metric
            and expected_groups.kind = cells.kind
            and expected_groups.segment = cells.segment
    where expected_groups.kind != 'bucket'
    group by
        expected_groups.entity, expected_groups.metric, expected_groups.kind,
        expected_groups.segment, cells.label

),

label_pairs as (

    select
        labels.entity,
        labels.metric,
        labels.kind,
        labels.segment,
        labels.label,
        cast(null as float8) as bucket_lower,
        cast(null as float8) as bucket_upper,
        case when expected.entity is null then 0 else expected.value end as expected_value,
        case when expected.entity is null then 0 else expected.n_rows end as expected_rows,
        coalesce(actual_merged.weight, 0) as actual_weight,
        coalesce(expected.is_suppressed, false) as is_suppressed
    from labels
    left join expected
        on
            labels.entity = expected.entity
            and labels.metric = expected.metric
            and labels.kind = expected.kind
            and labels.segment = expected.segment
            and labels.label = expected.label
    left join actual_merged
        on
            labels.entity = actual_merged.entity
            and labels.metric = actual_merged.metric
            and labels.kind = actual_merged.kind
            and labels.segment = actual_merged.segment
            and labels.label = actual_merged.label

),

pairs as (

    select * from bucket_pairs
    where not is_suppressed

    union all

    select * from label_pairs
    where not is_suppressed

),

weighed as (

    select
        pairs.*,
        expected_groups.n_expected,
        cast(
            case
                when expected_groups.has_values then pairs.expected_value
                else coalesce(pairs.expected_rows, 0)
            end as float8
        ) as expected_weight
    from pairs
    inner join expected_groups
        on
            pairs.entity = expected_groups.entity
            and pairs.metric = expected_groups.metric
            and pairs.kind = expected_groups.kind
            and pairs.segment = expected_groups.segment

),

final as (

    select
        entity,
        metric,
        segment,
        kind,
        label,
        bucket_lower,
        bucket_upper,
        expected_weight
        / nullif(sum(expected_weight) over (partition by entity, metric, kind, segment), 0)
            as expected_share,
        coalesce(
            actual_weight
            / nullif(sum(actual_weight) over (partition by entity, metric, kind, segment), 0),
            0
        ) as actual_share,
        n_expected,
        sum(actual_weight) over (partition by entity, metric, kind, segment) as n_actual
    from weighed
    where expected_weight > 0 or actual_weight > 0

)

select * from final
