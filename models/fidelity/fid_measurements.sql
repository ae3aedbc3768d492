{#- As in fid_segment_distances: 1 % one-sided. -#}
{%- set noise_z = 2.326 -%}

with

checks as (

    select
        check_name,
        entity,
        metric,
        statistic,
        noise_factor,
        subject,
        parameter
    from {{ ref('tolerances') }}

),

distances as (

    select * from {{ ref('fid_segment_distances') }}

),

levers as (

    select * from {{ ref('fid_levers') }}

),

-- A segment counts as much as the baseline has rows in it; all alike where that is unknown.
weighed as (

    select
        *,
        case
            when count(*) over segments = count(n_expected) over segments
                then n_expected / sum(n_expected) over segments
            else 1.0 / count(*) over segments
        end as segment_weight,
        -- A segment that was not generated at all differs as much as two can.
        case when n_actual > 0 then tvd else 1 end as segment_tvd
    from distances
    window segments as (partition by check_name)

),

summed as (

    select
        check_name,
        case when count(*) = count(n_expected) then sum(n_expected) end as n_expected,
        sum(n_actual) as n_actual,
        sum(segment_weight * segment_tvd) as tvd,
        sum(segment_weight * coalesce(tvd_noise_mean, 0))
        + {{ noise_z }} * sqrt(sum(power(segment_weight * coalesce(tvd_noise_sd, 0), 2)))
            as tvd_noise,
        sum(chi_square) filter (where n_actual > 0) as chi_square,
        sum(degrees_of_freedom) filter (where n_actual > 0) as degrees_of_freedom
    from weighed
    group by check_name

),

worst_segments as (

    select distinct on (check_name)
        *,
        case
            when kind = 'bucket' and worst_bucket_lower = '-infinity'
                then concat('below ', {{ fid_figure('worst_bucket_upper') }})
            when kind = 'bucket' and worst_bucket_upper = 'infinity'
                then concat('from ', {{ fid_figure('worst_bucket_lower') }})
            when kind = 'bucket'
                then concat(
                    '[', {{ fid_figure('worst_bucket_lower') }}, ', ',
                    {{ fid_figure('worst_bucket_upper') }}, ')'
                )
            when kind = 'hour' then concat('hour ', worst_label)
            when kind = 'weekday' then concat('day ', worst_label)
            else worst_label
        end as worst_cell
    from weighed
    order by check_name asc, segment_weight * segment_tvd desc, segment asc

),

distance_effects as (

    select
        checks.check_name,
        checks.entity,
        checks.metric,
        worst_segments.segment,
        case when checks.statistic = 'ks' then 'ks' else 'chi_square' end as statistic_name,
        case when checks.statistic = 'ks' then worst_segments.ks else summed.chi_square end
            as statistic,
        checks.statistic as effect_name,
        case checks.statistic
            when 'tvd' then summed.tvd
            when 'ks' then worst_segments.ks
            when 'cramers_v' then worst_segments.cramers_v
            when 'jensen_shannon' then worst_segments.jensen_shannon
            when 'wasserstein_log' then worst_segments.wasserstein_log
            when 'relative_share_error' then worst_segments.share_error
        end as effect_size,
        checks.noise_factor * case checks.statistic
            when 'tvd' then summed.tvd_noise
            when 'ks' then worst_segments.ks_noise
            when 'cramers_v' then worst_segments.cramers_v_noise
            when 'jensen_shannon' then worst_segments.jensen_shannon_noise
            when 'wasserstein_log' then worst_segments.wasserstein_log_noise
            when 'relative_share_error' then worst_segments.share_error_noise
        end as noise_floor,
        case
            when checks.statistic = 'ks' then worst_segments.ks_p_value
            when summed.degrees_of_freedom > 0
                then synth.chi_square_sf(
                    summed.chi_square, cast(summed.degrees_of_freedom as float8)
                )
            else 1
        end as p_value,
        summed.n_expected,
        summed.n_actual,
        concat(
            checks.subject,
            case when worst_segments.segment != 'all' then ' in ' || worst_segments.segment end,
            ': ',
            worst_segments.worst_cell,
            ' has a share of ',
            round(cast(worst_segments.worst_actual_share as numeric), 4),
            ', the pack ',
            round(cast(worst_segments.worst_expected_share as numeric), 4),
            case
                when worst_segments.worst_actual_share < worst_segments.worst_expected_share
                    then ': raise'
                else ': lower'
            end,
            ' its weight in ',
            checks.parameter,
            ' (first guess: ',
            case
                when worst_segments.worst_actual_share = 0
                    then concat(
                        'a share of ',
                        round(cast(worst_segments.worst_expected_share as numeric), 4)
                    )
                when worst_segments.worst_expected_share = 0 then 'to 0, the pack has none'
                else concat(
                    'times ',
                    round(
                        cast(
                            worst_segments.worst_expected_share / worst_segments.worst_actual_share
                            as numeric
                        ),
                        2
                    )
                )
            end,
            ')'
        ) as advice
    from checks
    inner join summed on checks.check_name = summed.check_name
    inner join worst_segments on checks.check_name = worst_segments.check_name

),

value_effects as (

    select
        levers.check_name,
        levers.entity,
        levers.metric,
        levers.segment,
        case when histogram.ks is null then 'difference' else 'ks' end as statistic_name,
        coalesce(histogram.ks, levers.actual_value - levers.expected_value) as statistic,
        levers.statistic_name as effect_name,
        abs(levers.signed_error) as effect_size,
        levers.noise_floor,
        case
            when histogram.ks is not null then histogram.ks_p_value
            when levers.standard_error > 0
                then synth.chi_square_sf(
                    least(power(levers.signed_error / levers.standard_error, 2), 1e9), 1
                )
            -- Nothing is left to chance: alike for certain, or not.
            when levers.standard_error = 0
                then case when levers.signed_error = 0 then 1 else 0 end
        end as p_value,
        levers.n_expected,
        levers.n_actual,
        concat_ws(
            ' ',
            levers.subject,
            case when levers.segment != 'all' then levers.segment end,
            nullif(levers.label, ''),
            'is',
            case
                when levers.statistic_name = 'absolute_error'
                    then round(cast(abs(levers.signed_error) as numeric), 4)
                else round(cast(abs(levers.signed_error) * 100 as numeric), 1)
            end,
            case when levers.statistic_name != 'absolute_error' then '%' end,
            'too',
            case when levers.signed_error < 0 then 'low' else 'high' end,
            concat(
                '(',
                round(cast(levers.actual_value as numeric), 4),
                ' instead of ',
                round(cast(levers.expected_value as numeric), 4),
                '):'
            ),
            levers.what_to_do
        ) as advice
    from levers
    left join distances as histogram
        on
            levers.check_name = 'messages_per_conversation'
            and histogram.check_name = 'messages_per_conversation_histogram'

),

final as (

    select * from distance_effects

    union all

    select * from value_effects

)

select * from final
