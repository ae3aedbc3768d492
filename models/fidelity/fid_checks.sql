with

checks as (

    select
        *,
        coalesce(threshold, {{ var('tolerance', 0.15) }}) as margin_threshold
    from {{ ref('tolerances') }}

),

measurements as (

    select * from {{ ref('fid_measurements') }}

),

volume as (

    select
        n_expected,
        n_actual,
        -- Absent totals make no pair, so nothing that depends on volume is compared.
        coalesce(n_actual between n_expected / 2 and n_expected * 2, false) as is_similar
    from {{ ref('fid_sample_sizes') }}
    where sample_unit = 'messages'

),

windows as (

    select * from {{ ref('fid_windows') }}

),

measured as (

    select
        checks.check_name,
        checks.entity,
        checks.metric,
        coalesce(measurements.segment, checks.segment) as segment,
        checks.is_headline,
        checks.is_critical,
        measurements.statistic_name,
        measurements.statistic,
        checks.statistic as effect_name,
        measurements.effect_size,
        checks.margin_threshold as threshold,
        measurements.noise_floor,
        measurements.p_value,
        measurements.n_expected,
        measurements.n_actual,
        measurements.advice,
        greatest(checks.margin_threshold, measurements.noise_floor) as margin,
        case
            when measurements.check_name is null then 'the pack does not publish it'
            when
                checks.comparable_when = 'similar_volume'
                and not coalesce(volume.is_similar, false)
                then 'compared only when both sides hold about as many messages (factor 2)'
            when
                checks.comparable_when = 'same_window'
                and not windows.is_similar
                then 'compared only when both sides cover a window of about the same length'
            when
                least(measurements.n_expected, measurements.n_actual) < checks.min_sample
                and coalesce(measurements.n_actual, 0) > 0
                then concat('fewer than ', checks.min_sample, ' observations')
        end as skip_reason,
        measurements.check_name is not null
        and (
            measurements.effect_size is null
            or (
                coalesce(measurements.n_actual, 1) = 0
                and coalesce(measurements.n_expected, 1) > 0
            )
        ) as is_missing
    from checks
    left join measurements on checks.check_name = measurements.check_name
    left join volume on true
    left join windows on true

),

judged as (

    select
        *,
        case
            when skip_reason is not null then 'SKIP'
            when is_missing then 'FAIL'
            when effect_size <= margin then 'PASS'
            when effect_name = 'cramers_v' and p_value > 0.05 then 'PASS'
            -- Off, but by less than twice the margin: somebody should look.
            when effect_size <= 2 * margin then 'WARN'
            else 'FAIL'
        end as verdict
    from measured

),

final as (

    select
        check_name,
        entity,
        metric,
        segment,
        is_headline,
        is_critical,
        statistic_name,
        cast(statistic as float8) as statistic,
        effect_name,
        cast(effect_size as float8) as effect_size,
        cast(threshold as float8) as threshold,
        cast(p_value as float8) as p_value,
        cast(noise_floor as float8) as noise_floor,
        cast(n_expected as bigint) as n_expected,
        cast(n_actual as bigint) as n_actual,
        verdict,
        case
            when verdict = 'PASS' then ''
            when verdict = 'SKIP' then 'not compared: ' || skip_reason
            when is_missing
                then 'the pack has it and the synthetic side does not: generate ' || entity
            else advice
        end as recommendation
    from judged

)

select * from final
