with

cells as (

    select * from {{ ref('fid_cells') }}
    where kind in ('category', 'bucket', 'hour', 'weekday')

),

pack as (

    select k from {{ source('shape_baseline', 'pack_meta') }}

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
        distribution,
        entity,
        metric,
        segment,
        kind,
        min(segment_prefix) as segment_prefix,
        min(size_lower) as size_lower,
        min(size_upper) as size_upper,
        min(senders_lower) as senders_lower,
        min(senders_upper) as senders_upper,
        min(tempo_lower) as tempo_lower,
        min(tempo_upper) as tempo_upper,
        case when count(*) = count(n_rows) then sum(n_rows) end as n_expected,
        -- Hand-written packs may hold shares only; they serve as counts when all are there.
        count(*) = count(value) as has_values
    from expected
    where not is_suppressed
    group by distribution, entity, metric, segment, kind

),

actual_groups as (

    select distinct
        distribution,
        entity,
        metric,
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

-- The baseline merges tempo classes where support is thin, so its segment takes in every
-- synthetic segment that lies within it. Labels carry six digits, hence the tolerance.
segment_map as (

    select
        wide.distribution,
        narrow.distribution as actual_distribution
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

-- A label of too few people is hidden in the pack: in OTHER, or in the largest label where OTHER
-- has too few itself. One of about as few on the synthetic side goes the same way; one of many is
-- compared, with nothing.
shelters as (

    select distinct on (distribution)
        distribution,
        label as shelter_label
    from expected
    where kind = 'category' and not is_suppressed
    order by distribution asc, label = 'OTHER' desc, coalesce(n_rows, value) desc, label asc

),

folded as (

    select
        actual.distribution,
        case
            when
                actual.kind = 'category'
                and actual.n_people < 1.5 * pack.k
                and expected.distribution is null
                then coalesce(shelters.shelter_label, actual.label)
            else actual.label
        end as label,
        actual.bucket_lower,
        actual.bucket_upper,
        actual.n_rows
    from actual
    cross join pack
    left join shelters on actual.distribution = shelters.distribution
    left join expected
        on
            actual.kind = 'category'
            and actual.distribution = expected.distribution
            and actual.label = expected.label

),

actual_merged as (

    select
        segment_map.distribution,
        actual.label,
        actual.bucket_lower,
        actual.bucket_upper,
        cast(sum(actual.n_rows) as float8) as weight
    from segment_map
    inner join folded as actual on segment_map.actual_distribution = actual.distribution
    group by
        segment_map.distribution, actual.label, actual.bucket_lower, actual.bucket_upper

),

actual_arrays as (

    select
        distribution,
        array_agg(bucket_lower order by bucket_lower, bucket_upper) as lowers,
        array_agg(bucket_upper order by bucket_lower, bucket_upper) as uppers,
        array_agg(weight order by bucket_lower, bucket_upper) as weights
    from actual_merged
    group by distribution

),

-- Every edge of the baseline, and both ends of the line: what it left out is a cell too.
edges as (

    select distinct
        expected.distribution,
        edge.bucket_edge
    from expected
    inner join expected_groups on expected.distribution = expected_groups.distribution
    cross join
        unnest(
            array[expected.bucket_lower, expected.bucket_upper, '-infinity', 'infinity']
        ) as edge (bucket_edge)
    where expected.kind = 'bucket'

),

cumulated as (

    select
        edges.distribution,
        edges.bucket_edge,
        synth.binned_cdf(
            actual_arrays.lowers, actual_arrays.uppers, actual_arrays.weights, edges.bucket_edge
        ) as weight_below
    from edges
    left join actual_arrays on edges.distribution = actual_arrays.distribution

),

grid as (

    select
        distribution,
        bucket_edge as bucket_lower,
        lead(bucket_edge) over edges_in_order as bucket_upper,
        coalesce(lead(weight_below) over edges_in_order - weight_below, 0) as actual_weight
    from cumulated
    window edges_in_order as (partition by distribution order by bucket_edge)

),

bucket_pairs as (

    select
        grid.distribution,
        '' as label,
        grid.bucket_lower,
        grid.bucket_upper,
        expected.distribution is not null as is_expected,
        expected.value as expected_value,
        expected.n_rows as expected_rows,
        grid.actual_weight,
        coalesce(expected.is_suppressed, false) as is_suppressed
    from grid
    left join expected
        on
            grid.distribution = expected.distribution
            and grid.bucket_lower = expected.bucket_lower
            and grid.bucket_upper = expected.bucket_upper
    where grid.bucket_upper is not null

),

expected_labels as (

    select expected.*
    from expected
    inner join expected_groups on expected.distribution = expected_groups.distribution
    where expected.kind != 'bucket'

),

actual_labels as (

    select actual_merged.*
    from actual_merged
    inner join expected_groups on actual_merged.distribution = expected_groups.distribution
    where expected_groups.kind != 'bucket'

),

label_pairs as (

    select
        coalesce(expected_labels.distribution, actual_labels.distribution) as distribution,
        coalesce(expected_labels.label, actual_labels.label) as label,
        cast(null as float8) as bucket_lower,
        cast(null as float8) as bucket_upper,
        expected_labels.distribution is not null as is_expected,
        expected_labels.value as expected_value,
        expected_labels.n_rows as expected_rows,
        coalesce(actual_labels.weight, 0) as actual_weight,
        coalesce(expected_labels.is_suppressed, false) as is_suppressed
    from expected_labels
    full outer join actual_labels
        on
            expected_labels.distribution = actual_labels.distribution
            and expected_labels.label = actual_labels.label

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
        expected_groups.distribution,
        expected_groups.entity,
        expected_groups.metric,
        expected_groups.segment,
        expected_groups.kind,
        pairs.label,
        pairs.bucket_lower,
        pairs.bucket_upper,
        expected_groups.n_expected,
        cast(
            case
                when not pairs.is_expected then 0
                when expected_groups.has_values then pairs.expected_value
                else coalesce(pairs.expected_rows, 0)
            end as float8
        ) as expected_weight,
        pairs.actual_weight
    from pairs
    inner join expected_groups on pairs.distribution = expected_groups.distribution

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
        expected_weight / nullif(sum(expected_weight) over cells_of_one, 0) as expected_share,
        coalesce(actual_weight / nullif(sum(actual_weight) over cells_of_one, 0), 0)
            as actual_share,
        n_expected,
        sum(actual_weight) over cells_of_one as n_actual
    from weighed
    where expected_weight > 0 or actual_weight > 0
    window cells_of_one as (partition by distribution)

)

select * from final
