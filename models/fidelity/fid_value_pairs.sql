{#- Two-sided 1 %: what 99 of 100 pairs of honest samples stay within. -#}
{%- set noise_z = 2.576 -%}

with

checks as (

    select * from {{ ref('tolerances') }}
    where statistic in ('relative_error', 'absolute_error', 'tail_ratio')

),

cells as (

    select * from {{ ref('fid_cells') }}
    where not is_suppressed

),

sample_sizes as (

    select * from {{ ref('fid_sample_sizes') }}

),

pairs as (

    select * from {{ ref('fid_metric_pairs') }}
    where segment = 'all' and expected_share is not null

),

expected as (

    select * from cells
    where side = 'baseline' and kind in ('scalar', 'quantile', 'total') and label != 'max'

),

actual as (

    select * from cells
    where side = 'synthetic' and kind in ('scalar', 'quantile', 'total')

),

histograms as (

    select
        side,
        entity,
        metric,
        segment,
        array_agg(bucket_lower order by bucket_lower, bucket_upper) as lowers,
        array_agg(bucket_upper order by bucket_lower, bucket_upper) as uppers,
        array_agg(cast(coalesce(n_rows, value) as float8) order by bucket_lower, bucket_upper)
            as weights
    from cells
    where kind = 'bucket'
    group by side, entity, metric, segment

),

-- Sum of 1/p behind a ratio of two shares: the variance of its logarithm, but for n.
ratio_terms as (

    select
        'ratio_hours' as noise,
        1 / nullif(max(expected_share), 0) + 1 / nullif(min(expected_share), 0) as ratio_term
    from pairs
    where metric = 'hour_of_day'

    union all

    select
        'ratio_days' as noise,
        1 / nullif(sum(expected_share) filter (where label in ('6', '7')), 0)
        + 1 / nullif(sum(expected_share) filter (where label not in ('6', '7')), 0)
            as ratio_term
    from pairs
    where metric = 'day_of_week'

),

published as (

    select
        checks.check_name,
        checks.statistic,
        checks.noise,
        checks.threshold,
        checks.entity,
        checks.metric,
        checks.kind,
        expected.segment,
        expected.label,
        -- A total compares as a ratio to messages, so that a band of another size can.
        expected.value / case when checks.labels = 'per_message' then messages.n_expected else 1 end
            as expected_value,
        actual.value / case when checks.labels = 'per_message' then messages.n_actual else 1 end
            as actual_value,
        case when checks.kind = 'total' then expected.value else expected.n_rows end as n_expected,
        case when checks.kind = 'total' then actual.value else actual.n_rows end as n_actual,
        sample_sizes.n_expected as n_units_expected,
        sample_sizes.n_actual as n_units_actual,
        ratio_terms.ratio_term,
        -- Of a burst coefficient the rows are busy minutes, on the synthetic side at least.
        messages.n_actual / nullif(actual.n_rows, 0) as rows_mean,
        -- Published as whole numbers, so that a difference of one may be rounding alone.
        expected.unit in (
            'messages', 'members', 'senders', 'conversations', 'receipts', 'attachments',
            'characters'
        ) as is_counted,
        case
            when expected.label = 'median' then 0.5
            when expected.label ~ '^p[0-9]+(_[0-9]+)?$'
                then cast(replace(substr(expected.label, 2), '_', '.') as float8) / 100
        end as probability
    from checks
    inner join expected
        on
            checks.entity = expected.entity
            and checks.metric = expected.metric
            and checks.kind = expected.kind
            and (checks.segment = 'all') = (expected.segment = 'all')
            and (
                checks.labels is null
                or checks.labels = 'per_message'
                or expected.label = any(string_to_array(checks.labels, '|'))
            )
    left join actual
        on
            expected.entity = actual.entity
            and expected.metric = actual.metric
            and expected.kind = actual.kind
            and expected.segment = actual.segment
            and expected.label = actual.label
    left join sample_sizes
        on checks.sample_unit = sample_sizes.sample_unit
    left join sample_sizes as messages
        on messages.sample_unit = 'messages'
    left join ratio_terms
        on checks.noise = ratio_terms.noise

),

-- least() ignores nulls: an unknown number of units leaves the rows. A baseline of unknown
-- size counts as infinite.
sized as (

    select
        *,
        -- The worst of n figures is 1 % off as often as each of them is 1 % / n.
        sqrt(
            power({{ noise_z }}, 2) + 2 * ln(count(*) over (partition by check_name))
        ) as noise_z,
        coalesce(1.0 / nullif(least(n_expected, n_units_expected), 0), 0)
        + 1.0 / nullif(least(n_actual, n_units_actual), 0) as size_factor
    from published

),

spread as (

    select
        *,
        noise_z * sqrt(probability * (1 - probability) * size_factor)
            as probability_noise
    from sized

),

-- Quantiles read off the histograms: at p itself, and at either end of p's own noise.
read_off as (

    select
        spread.*,
        synth.binned_quantile(wide.lowers, wide.uppers, wide.weights, spread.probability)
            as expected_read,
        synth.binned_quantile(fine.lowers, fine.uppers, fine.weights, spread.probability)
            as actual_read,
        synth.binned_quantile(
            wide.lowers, wide.uppers, wide.weights, spread.probability - spread.probability_noise
        ) as expected_low,
        synth.binned_quantile(
            wide.lowers, wide.uppers, wide.weights, spread.probability + spread.probability_noise
        ) as expected_high,
        synth.binned_quantile(
            fine.lowers, fine.uppers, fine.weights, spread.probability - spread.probability_noise
        ) as actual_low,
        synth.binned_quantile(
            fine.lowers, fine.uppers, fine.weights, spread.probability + spread.probability_noise
        ) as actual_high,
        synth.binned_variation(fine.lowers, fine.uppers, fine.weights) as actual_variation,
        wide.lowers as wide_lowers,
        wide.uppers as wide_uppers,
        fine.lowers as fine_lowers,
        fine.uppers as fine_uppers
    from spread
    left join histograms as wide
        on
            spread.entity = wide.entity
            and spread.metric = wide.metric
            and spread.segment = wide.segment
            and wide.side = 'baseline'
    left join histograms as fine
        on
            spread.entity = fine.entity
            and spread.metric = fine.metric
            and spread.segment = fine.segment
            and fine.side = 'synthetic'

),

-- A percentile of small whole numbers jumps by one where the distribution moves by nothing
-- (p50 is 2 or 3 as F(2) is .501 or .499). Where both histograms hold the value in a bucket
-- of width one, the percentile is read off them with each number spread over its bucket, and
-- moves with the distribution. Elsewhere a difference of at most one counts as none.
compared as (

    select
        *,
        coalesce(
            is_counted
            and synth.bucket_width(wide_lowers, wide_uppers, expected_read) <= 1
            and synth.bucket_width(fine_lowers, fine_uppers, actual_read) <= 1,
            false
        ) as is_read_off,
        is_counted and probability is not null as is_whole_number
    from read_off

),

differences as (

    select
        *,
        case
            when actual_value is null then null
            when is_read_off then actual_read - expected_read
            when is_whole_number and abs(actual_value - expected_value) <= 1 then 0
            else actual_value - expected_value
        end as difference,
        case when is_read_off then expected_read else expected_value end as compared_expected
    from compared

),

-- A burst coefficient is the p95 of small whole numbers over their mean. Beyond 1 they are taken
-- to fall off by this many messages for a factor of e, as the mean and the p95 have it.
bursts as (

    select
        *,
        greatest(expected_value * rows_mean, 1) as p95_messages,
        greatest(
            (expected_value * rows_mean - 1) / ln(20),
            case when rows_mean > 1 then -1 / ln(1 - 1 / rows_mean) else 0 end
        ) as tail_messages
    from differences

),

-- Deviation between samples of the p95, if it were not whole: sqrt(p (1 - p) n) / density.
burst_deviations as (

    select
        *,
        tail_messages * sqrt(19 * size_factor) as p95_sd
    from bursts

),

errors as (

    select
        *,
        case
            when statistic = 'absolute_error' then difference
            when difference = 0 then 0
            -- Nothing was expected and something came: the whole of it is error.
            when compared_expected = 0 then sign(difference)
            else difference / abs(compared_expected)
        end as signed_error,
        case
            when noise = 'proportion'
                then noise_z * sqrt(
                    greatest(expected_value * (1 - expected_value), 0) * size_factor
                )
            when noise = 'percentage'
                then noise_z * sqrt(
                    greatest(expected_value * (100 - expected_value), 0) * size_factor
                )
            when noise = 'correlation'
                then noise_z * (1 - power(expected_value, 2)) * sqrt(size_factor)
            -- The few largest conversations decide: their number is n times the share.
            when noise = 'top'
                then noise_z * expected_value * (1 - expected_value) * sqrt(
                    size_factor * 100 / nullif(cast(substring(label from '[0-9]+') as float8), 0)
                )
            -- ANALYZE works it out from the ranks of a sample of 30000 rows, whatever the table's
            -- size (variance of z: Bonett & Wright 2000). The side of 0 is the wider one; at 1
            -- exactly nothing is left to chance.
            when noise = 'heap'
                then abs(expected_value) - tanh(
                    atanh(least(abs(expected_value), 1 - 1e-12))
                    - noise_z * sqrt(
                        (1 + power(expected_value, 2) / 2) * (
                            coalesce(1.0 / nullif(least(n_expected, 30000), 0), 0)
                            + 1.0 / nullif(least(n_actual, 30000), 0)
                        )
                    )
                )
        end as absolute_noise,
        case
            when noise = 'exact' then 0
            -- The p95 tips over to the next whole number where its deviation reaches that far:
            -- one pair in a hundred does from a mean difference of a hundredth of a message.
            when noise = 'burst'
                then noise_z * sqrt(
                    power(p95_sd / p95_messages, 2)
                    + power(tail_messages / rows_mean, 2) * size_factor
                )
                + case when sqrt(2 / pi()) * p95_sd >= 0.01 then 1 / p95_messages else 0 end
            when noise in ('ratio_hours', 'ratio_days')
                then noise_z * sqrt(size_factor * ratio_term)
            when noise = 'count' then noise_z * sqrt(size_factor)
            when noise = 'quantile' and label = 'mean'
                then noise_z * actual_variation * sqrt(size_factor)
            when noise = 'quantile'
                then least(
                    greatest(expected_high - expected_read, expected_read - expected_low)
                    / nullif(expected_read, 0),
                    greatest(actual_high - actual_read, actual_read - actual_low)
                    / nullif(actual_read, 0)
                )
        end as relative_noise
    from burst_deviations

),

noisy as (

    select
        *,
        -- Null where it is not known: the effect is then held against the threshold as it is.
        case
            when statistic = 'absolute_error' then absolute_noise
            -- A share of exactly 0 or 1 leaves nothing to chance.
            when absolute_noise = 0 then 0
            else coalesce(relative_noise, absolute_noise / nullif(abs(expected_value), 0))
        end as noise_floor
    from errors

),

-- The tail over the median, of either side: percentiles that are both too large by the same
-- factor leave it as it is.
tails as (

    select
        check_name,
        segment,
        max(expected_value) filter (where label = 'p99')
        / nullif(max(expected_value) filter (where label = 'p50'), 0) as expected_value,
        max(actual_value) filter (where label = 'p99')
        / nullif(max(actual_value) filter (where label = 'p50'), 0) as actual_value,
        max(n_expected) as n_expected,
        max(n_actual) as n_actual,
        sum(ln(greatest(1 + signed_error, 1e-6)) * case when label = 'p99' then 1 else -1 end)
            as log_error,
        sqrt(sum(power(noise_floor, 2))) as noise_floor,
        sqrt(sum(power(noise_floor / noise_z, 2))) as standard_error,
        bool_and(is_read_off) as is_read_off
    from noisy
    where statistic = 'tail_ratio'
    group by check_name, segment
    having count(*) = 2

),

final as (

    select
        check_name,
        segment,
        label,
        statistic as statistic_name,
        expected_value,
        actual_value,
        n_expected,
        n_actual,
        signed_error,
        noise_floor,
        noise_floor / noise_z as standard_error,
        is_read_off
    from noisy
    where statistic != 'tail_ratio'

    union all

    select
        check_name,
        segment,
        'p99/p50' as label,
        'tail_ratio' as statistic_name,
        expected_value,
        actual_value,
        n_expected,
        n_actual,
        case when actual_value is not null then exp(log_error) - 1 end as signed_error,
        noise_floor,
        standard_error,
        is_read_off
    from tails

)

select * from final
