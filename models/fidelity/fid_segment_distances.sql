{#- Standard normal quantile of a 1 % one-sided error: noise floors are what 99 of 100 pairs of
    honest samples stay below, so that some seventy checks rarely cry wolf together. -#}
{%- set noise_z = 2.326 -%}
{#- The same for the KS distance: sqrt(-ln(0.01 / 2) / 2). -#}
{%- set noise_ks = 1.628 -%}

with

checks as (

    select
        check_name,
        entity,
        metric,
        kind,
        segment,
        sample_unit,
        threshold,
        widest_margin
    from {{ ref('tolerances') }}
    where
        statistic in (
            'cramers_v', 'tvd', 'ks', 'jensen_shannon', 'wasserstein_log', 'relative_share_error'
        )

),

pairs as (

    select * from {{ ref('fid_metric_pairs') }}

),

sample_sizes as (

    select * from {{ ref('fid_sample_sizes') }}

),

cells as (

    select
        checks.check_name,
        checks.threshold,
        checks.widest_margin,
        pairs.segment,
        pairs.kind,
        pairs.label,
        pairs.bucket_lower,
        pairs.bucket_upper,
        pairs.expected_share,
        pairs.actual_share,
        pairs.n_expected,
        pairs.n_actual,
        -- least() ignores nulls: an unknown number of units leaves the rows.
        least(pairs.n_expected, sample_sizes.n_expected) as n_units_expected,
        least(pairs.n_actual, sample_sizes.n_actual) as n_units_actual
    from checks
    inner join pairs
        on
            checks.entity = pairs.entity
            and checks.metric = pairs.metric
            and checks.kind = pairs.kind
            and (checks.segment = 'all') = (pairs.segment = 'all')
    left join sample_sizes
        on checks.sample_unit = sample_sizes.sample_unit
    where pairs.expected_share is not null

),

-- The variance of a difference of two shares is p (1 - p) (1/n + 1/m); an unknown baseline
-- size counts as infinite.
pooled_cells as (

    select
        *,
        coalesce(1 / nullif(n_units_expected, 0), 0) + 1 / nullif(n_units_actual, 0)
            as size_factor,
        coalesce(1 / nullif(n_expected, 0), 0) + 1 / nullif(n_actual, 0) as row_factor,
        (
            coalesce(n_units_expected, 1e18) * expected_share + n_units_actual * actual_share
        ) / nullif(coalesce(n_units_expected, 1e18) + n_units_actual, 0) as pooled_share
    from cells

),

variances as (

    select
        *,
        sum(expected_share - actual_share) over cells_in_order as cumulated_difference,
        sum(pooled_share) over cells_in_order as cumulated_share,
        count(*) over (partition by check_name, segment) as n_cells,
        -- What the line between this upper edge and the next is long on the log scale; edges at
        -- or below 0, and open ones, have no logarithm and add nothing.
        coalesce(
            ln(
                lead(case when bucket_upper < 'infinity' then bucket_upper end)
                    over cells_in_order
                / case when bucket_upper > 0 then bucket_upper end
            ),
            0
        ) as log_step
    from pooled_cells
    window cells_in_order as (partition by check_name, segment order by bucket_lower, label)

),

noisy as (

    select
        *,
        sqrt(greatest(pooled_share * (1 - pooled_share), 0) * size_factor) as share_sd,
        sqrt(greatest(cumulated_share * (1 - cumulated_share), 0) * size_factor) as cumulated_sd,
        abs(actual_share - expected_share) / greatest(expected_share, 0.01) as share_error,
        -- The worst of n cells is 1 % off as often as each of them is 1 % / n.
        sqrt(power({{ noise_z }}, 2) + 2 * ln(n_cells)) as worst_cell_z,
        (expected_share + actual_share) / 2 as middle_share,
        -- Cells of fewer than five expected rows are tested together.
        case
            when
                pooled_share * least(coalesce(n_units_expected, n_units_actual), n_units_actual)
                < 5
                then 'rest'
            else concat_ws('/', label, cast(bucket_lower as text))
        end as pooled_cell
    from variances

),

pooled as (

    select
        check_name,
        segment,
        power(sum(expected_share) - sum(actual_share), 2)
        / nullif(sum(pooled_share) * max(row_factor), 0) as chi_square_part
    from noisy
    group by check_name, segment, pooled_cell

),

chi_squares as (

    select
        check_name,
        segment,
        coalesce(sum(chi_square_part), 0) as chi_square,
        count(*) - 1 as degrees_of_freedom
    from pooled
    group by check_name, segment

),

distances as (

    select
        check_name,
        segment,
        max(n_expected) as n_expected,
        max(n_actual) as n_actual,
        max(size_factor) as size_factor,
        max(row_factor) as row_factor,
        count(*) as n_cells,
        sum(abs(expected_share - actual_share)) / 2 as tvd,
        -- Mean and deviation of a sum of half-normal differences.
        sum(share_sd) * sqrt(2 / pi()) / 2 as tvd_noise_mean,
        sqrt(sum(power(share_sd, 2)) * (1 - 2 / pi())) / 2 as tvd_noise_sd,
        max(abs(cumulated_difference)) as ks,
        sum(abs(cumulated_difference) * log_step) as wasserstein_log,
        -- Neighbouring differences of two cumulated samples go together, so their deviations add.
        ({{ noise_z }} * sqrt(1 - 2 / pi()) + sqrt(2 / pi())) * sum(cumulated_sd * log_step)
            as wasserstein_log_noise,
        -- Divergence in bits; its root is a distance in [0, 1].
        sqrt(
            greatest(
                sum(
                    coalesce(expected_share * ln(nullif(expected_share, 0) / middle_share), 0)
                    + coalesce(actual_share * ln(nullif(actual_share, 0) / middle_share), 0)
                ),
                0
            ) / 2 / ln(2)
        ) as jensen_shannon,
        -- Cramer's V of two samples of equal size: the plain one shrinks when one side grows.
        sqrt(
            sum(
                power(expected_share - actual_share, 2)
                / nullif(expected_share + actual_share, 0)
            ) / 2
        ) as cramers_v
    from noisy
    group by check_name, segment

),

worst_cells as (

    select distinct on (check_name, segment)
        check_name,
        segment,
        kind,
        label,
        bucket_lower,
        bucket_upper,
        expected_share,
        actual_share
    from noisy
    order by
        check_name asc,
        segment asc,
        abs(expected_share - actual_share) desc,
        bucket_lower asc,
        label asc

),

share_errors as (

    select
        check_name,
        segment,
        label,
        threshold,
        widest_margin,
        share_error,
        worst_cell_z * share_sd / greatest(expected_share, 0.01) as share_error_noise
    from noisy

),

-- Judged against its own margin, so that a rare class cannot hide a common one.
worst_errors as (

    select distinct on (check_name, segment)
        check_name,
        segment,
        share_error,
        share_error_noise
    from share_errors
    order by
        check_name asc,
        segment asc,
        {{ fid_standing('share_error', 'share_error_noise', 'threshold', 'widest_margin') }} desc,
        share_error / greatest(threshold, share_error_noise) desc,
        label asc

),

final as (

    select
        distances.check_name,
        distances.segment,
        distances.n_expected,
        distances.n_actual,
        distances.n_cells,
        distances.tvd,
        distances.tvd_noise_mean,
        distances.tvd_noise_sd,
        distances.ks,
        {{ noise_ks }} * sqrt(distances.size_factor) as ks_noise,
        synth.kolmogorov_sf(distances.ks / sqrt(distances.row_factor)) as ks_p_value,
        distances.wasserstein_log,
        distances.wasserstein_log_noise,
        distances.jensen_shannon,
        -- A small divergence is an eighth of the chi-square of the same cells.
        case
            when distances.n_cells > 1
                then sqrt(
                    distances.size_factor / 8 / ln(2)
                    * synth.chi_square_quantile({{ noise_z }}, distances.n_cells - 1)
                )
            else 0
        end as jensen_shannon_noise,
        chi_squares.chi_square,
        chi_squares.degrees_of_freedom,
        case
            when chi_squares.degrees_of_freedom > 0
                then synth.chi_square_sf(
                    chi_squares.chi_square, cast(chi_squares.degrees_of_freedom as float8)
                )
            else 1
        end as chi_square_p_value,
        distances.cramers_v,
        case
            when distances.n_cells > 1
                then sqrt(
                    distances.size_factor / 4
                    * synth.chi_square_quantile({{ noise_z }}, distances.n_cells - 1)
                )
            else 0
        end as cramers_v_noise,
        worst_errors.share_error,
        worst_errors.share_error_noise,
        worst_cells.kind,
        worst_cells.label as worst_label,
        worst_cells.bucket_lower as worst_bucket_lower,
        worst_cells.bucket_upper as worst_bucket_upper,
        worst_cells.expected_share as worst_expected_share,
        worst_cells.actual_share as worst_actual_share
    from distances
    inner join chi_squares
        on
            distances.check_name = chi_squares.check_name
            and distances.segment = chi_squares.segment
    inner join worst_cells
        on
            distances.check_name = worst_cells.check_name
            and distances.segment = worst_cells.segment
    inner join worst_errors
        on
            distances.check_name = worst_errors.check_name
            and distances.segment = worst_errors.segment

)

select * from final
