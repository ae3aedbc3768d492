with

checks as (

    select
        *,
        coalesce(threshold, {{ var('tolerance', 0.15) }}) as wanted_margin,
        coalesce(widest_margin, 2 * coalesce(threshold, {{ var('tolerance', 0.15) }}))
            as accepted_margin
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

exceptions as (

    select * from {{ ref('fid_exceptions') }}
    where problem is null

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
        checks.wanted_margin as threshold,
        checks.accepted_margin as widest_margin,
        measurements.noise_floor,
        measurements.p_value,
        measurements.n_expected,
        measurements.n_actual,
        measurements.advice,
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

bounded as (

    select
        *,
        {{ fid_margin('noise_floor', 'threshold', 'widest_margin') }} as margin,
        greatest(effect_size - {{ fid_half_width('noise_floor') }}, 0) as effect_lower,
        effect_size + {{ fid_half_width('noise_floor') }} as effect_upper,
        case
            when is_missing then 3
            else {{ fid_standing('effect_size', 'noise_floor', 'threshold', 'widest_margin') }}
        end as standing
    from measured

),

measured_verdicts as (

    select
        *,
        case
            when skip_reason is not null then 'SKIP'
            when standing = 3 then 'FAIL'
            when standing = 2 then 'WARN'
            when standing = 1 then 'PASS'
            else 'SKIP'
        end as measured_verdict,
        -- The interval narrows with the root of the number of observations.
        case
            when standing = 0 then ceil(power(1.64 * noise_floor / widest_margin, 2))
            when standing = 2 and effect_size < margin
                then ceil(
                    power(0.64 * noise_floor / greatest(margin - effect_size, 0.1 * margin), 2)
                )
        end as times_the_data
    from bounded

),

-- What is known and accepted is still measured; what has grown beyond it, or is missing, counts.
judged as (

    select
        measured_verdicts.*,
        exceptions.accepted_effect,
        exceptions.until,
        exceptions.is_expired,
        exceptions.decided_by,
        exceptions.reason,
        case
            when
                measured_verdicts.measured_verdict in ('WARN', 'FAIL')
                and exceptions.is_active
                and not measured_verdicts.is_missing
                and measured_verdicts.effect_size <= exceptions.accepted_effect
                then 'EXCEPTED'
            else measured_verdicts.measured_verdict
        end as verdict
    from measured_verdicts
    left join exceptions
        on
            measured_verdicts.check_name = exceptions.check_name
            and coalesce(measured_verdicts.segment = exceptions.segment, true)

),

advised as (

    select
        *,
        case
            when is_missing
                then 'the pack has it and the synthetic side does not: generate ' || entity
            when verdict = 'WARN' and times_the_data > 1
                then concat(
                    'undecided, needs about ', times_the_data, ' times as many observations: ',
                    advice
                )
            when verdict = 'WARN' then 'undecided: ' || advice
            else advice
        end as what_to_do
    from judged

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
        cast(effect_lower as float8) as effect_lower,
        cast(effect_upper as float8) as effect_upper,
        cast(threshold as float8) as threshold,
        cast(margin as float8) as margin,
        cast(p_value as float8) as p_value,
        cast(noise_floor as float8) as noise_floor,
        cast(n_expected as bigint) as n_expected,
        cast(n_actual as bigint) as n_actual,
        verdict,
        -- What stops alone is gross: a miss by less than that leaves the headline verdict to say
        -- WARNING where one of its four tests misses.
        is_critical and verdict = 'FAIL' and (is_missing or effect_size > 2 * margin)
            as is_blocking,
        case
            when verdict = 'PASS' then ''
            when skip_reason is not null then 'not compared: ' || skip_reason
            when verdict = 'SKIP'
                then concat(
                    'not compared: too few observations to tell a difference of ',
                    round(cast(widest_margin as numeric), 3),
                    ' from chance; needs about ',
                    times_the_data,
                    ' times as many on both sides'
                )
            when verdict = 'EXCEPTED'
                then concat(
                    'accepted until ', until, ' up to ', accepted_effect, ' (', decided_by, '): ',
                    reason
                )
            when is_expired
                then concat('its exception expired on ', until, '; ', what_to_do)
            when accepted_effect is not null
                then concat('beyond its exception of ', accepted_effect, '; ', what_to_do)
            else what_to_do
        end as recommendation
    from advised

)

select * from final
