with

checks as (

    select
        check_name,
        entity,
        metric,
        kind,
        noise,
        noise_factor,
        coalesce(threshold, {{ var('tolerance', 0.15) }}) as threshold,
        coalesce(widest_margin, 2 * coalesce(threshold, {{ var('tolerance', 0.15) }}))
            as widest_margin,
        subject,
        parameter
    from {{ ref('tolerances') }}

),

pairs as (

    select
        pairs.check_name,
        pairs.segment,
        pairs.label,
        pairs.statistic_name,
        pairs.expected_value,
        pairs.actual_value,
        pairs.n_expected,
        pairs.n_actual,
        pairs.signed_error,
        pairs.noise_floor * checks.noise_factor as noise_floor,
        pairs.standard_error * checks.noise_factor as standard_error
    from {{ ref('fid_value_pairs') }} as pairs
    inner join checks on pairs.check_name = checks.check_name

),

cells as (

    select * from {{ ref('fid_cells') }}
    where label in ('p50', 'median', 'p99') and segment = 'all' and not is_suppressed

),

-- The pair that misses its own margin by most speaks for its check; one that the synthetic
-- side does not have comes first.
worst_pairs as (

    select distinct on (pairs.check_name)
        checks.entity,
        checks.metric,
        checks.kind,
        checks.subject,
        checks.parameter,
        pairs.*,
        -- Up to 90 % a scale moves the percentile, beyond it the tail's exponent does; and the
        -- tail is what makes gaps bursty and a few rooms, or people, hold most messages.
        case
            when pairs.label in ('p90', 'p95', 'p99', 'p99_9', 'p99/p50') then 'alpha'
            when checks.kind = 'quantile' or pairs.label in ('mean', 'median') then 'scale'
            when checks.metric = 'memory_coefficient' then 'memory'
            when checks.metric = 'heap_correlation' and checks.parameter is null
                then case when checks.noise = 'heap' then 'heap' else 'people' end
            when checks.metric = 'heap_correlation' then 'rooms'
            when checks.metric = 'burstiness' then 'spread'
            when
                checks.noise in ('top', 'burst')
                or checks.metric in ('heavy_share', 'common_share')
                then 'tail'
            when checks.noise = 'ratio_hours' then 'contrast'
            when checks.noise = 'ratio_days' then 'weekend'
            -- The more rows a value has, the fewer values there are for each row.
            when checks.metric = 'column_distinct' and checks.entity != 'users' then 'inverse'
            when checks.metric = 'media_ratio' or checks.noise = 'percentage' then 'weight'
            else 'share'
        end as lever
    from pairs
    inner join checks on pairs.check_name = checks.check_name
    order by
        pairs.check_name asc,
        {{ fid_standing(
            'abs(pairs.signed_error)', 'pairs.noise_floor', 'checks.threshold',
            'checks.widest_margin'
        ) }} desc,
        abs(pairs.signed_error) / greatest(checks.threshold, pairs.noise_floor, 1e-12)
        desc nulls first,
        pairs.segment asc,
        pairs.label asc

),

-- For a power law p99 / p50 is 50^(1 / (alpha - 1)); for a log-normal exp(2.326 sigma).
tails as (

    select
        entity,
        metric,
        side,
        ln(
            nullif(
                greatest(
                    max(value) filter (where label = 'p99')
                    / nullif(max(value) filter (where label in ('p50', 'median')), 0),
                    1
                ),
                1
            )
        ) as log_ratio
    from cells
    group by entity, metric, side

),

-- How much to turn by: quotients of what is wanted to what came, where both are there.
guesses as (

    select
        worst_pairs.*,
        worst_pairs.signed_error < 0 as is_low,
        case
            when worst_pairs.expected_value > 0 and worst_pairs.actual_value > 0
                then worst_pairs.expected_value / worst_pairs.actual_value
        end as quotient,
        case
            when worst_pairs.expected_value between 0.001 and 0.999
                then worst_pairs.expected_value
        end as expected_correlation,
        case
            when worst_pairs.actual_value between 0.001 and 0.999 then worst_pairs.actual_value
        end as actual_correlation,
        1 + ln(50) / actual_tail.log_ratio as actual_alpha,
        1 + ln(50) / expected_tail.log_ratio as expected_alpha
    from worst_pairs
    left join tails as expected_tail
        on
            worst_pairs.entity = expected_tail.entity
            and worst_pairs.metric = expected_tail.metric
            and expected_tail.side = 'baseline'
    left join tails as actual_tail
        on
            worst_pairs.entity = actual_tail.entity
            and worst_pairs.metric = actual_tail.metric
            and actual_tail.side = 'synthetic'

),

-- The same in words; what a quotient cannot say is said by the figure that is wanted.
sized as (

    select
        *,
        coalesce(
            'times ' || {{ fid_figure('quotient', 3) }},
            concat(
                {{ fid_figure('expected_value') }}, ' instead of ', {{ fid_figure('actual_value') }}
            )
        ) as size_text
    from guesses

),

final as (

    select
        check_name,
        entity,
        metric,
        subject,
        segment,
        label,
        statistic_name,
        expected_value,
        actual_value,
        n_expected,
        n_actual,
        signed_error,
        noise_floor,
        standard_error,
        case lever
            when 'alpha'
                then case
                    -- A tail off as the middle is needs another scale, not another exponent.
                    when is_low and expected_alpha < actual_alpha - 0.005
                        then concat(
                            'decrease alpha (', round(cast(actual_alpha as numeric), 2), ' → ',
                            round(cast(expected_alpha as numeric), 2), ') or raise the tail of ',
                            parameter
                        )
                    when not is_low and expected_alpha > actual_alpha + 0.005
                        then concat(
                            'increase alpha (', round(cast(actual_alpha as numeric), 2), ' → ',
                            round(cast(expected_alpha as numeric), 2), ') or cut the tail of ',
                            parameter
                        )
                    else concat(
                        case when is_low then 'raise' else 'cut' end, ' the tail of ', parameter,
                        ' (first guess: values beyond p75 ', size_text, ')'
                    )
                end
            when 'tail'
                then concat(
                    case when is_low then 'raise' else 'cut' end, ' the tail of ', parameter,
                    ' (first guess: values beyond p90 ', size_text, ')'
                )
            -- B = (s - m) / (s + m), so that s / m = (1 + B) / (1 - B).
            when 'spread'
                then concat(
                    case when is_low then 'raise' else 'cut' end, ' the tail of ', parameter,
                    ' (first guess: deviation over mean ',
                    {{ fid_figure('(1 + expected_value) / nullif(1 - expected_value, 0)', 3) }},
                    ' instead of ',
                    {{ fid_figure('(1 + actual_value) / nullif(1 - actual_value, 0)', 3) }},
                    ')'
                )
            when 'memory'
                then concat(
                    case when is_low then 'raise ' else 'lower ' end, parameter,
                    -- A weight of w brings about .6 w, as the loop takes it.
                    ' (first guess: by ',
                    round(cast(abs(expected_value - actual_value) / 0.6 as numeric), 2),
                    ')'
                )
            -- Rooms that last k times as long as their starts lie apart have r = 1 / sqrt(1 + k^2).
            when 'rooms'
                then concat(
                    'scale ', parameter, ', which is how long rooms last (first guess: ',
                    coalesce(
                        'by ' || {{ fid_figure(
                            'sqrt((1 / power(expected_correlation, 2) - 1)'
                            ~ ' / (1 / power(actual_correlation, 2) - 1))',
                            3
                        ) }},
                        size_text
                    ),
                    ')'
                )
            when 'people'
                then concat(
                    'no parameter of the spec moves it: who writes and reads does not depend on ',
                    'when the account was made; judge queries by that column with it in mind, or ',
                    'accept it in seeds/exceptions.csv'
                )
            when 'heap'
                then case
                    when is_low
                        then concat(
                            'no parameter of the spec moves it: rows are written in order of ',
                            'time, so the table was changed since; generate with --replace'
                        )
                    else concat(
                        'no parameter of the spec moves it: rows are written in order of ',
                        'time; if the production heap is out of order for good, accept it in ',
                        'seeds/exceptions.csv'
                    )
                end
            when 'contrast'
                then concat(
                    case when is_low then 'sharpen ' else 'flatten ' end, parameter,
                    ' (first guess: ',
                    case
                        when actual_value > 1.01 and expected_value > 1.01
                            then concat(
                                'to the power ',
                                {{ fid_figure('ln(expected_value) / ln(actual_value)', 3) }}
                            )
                        else 'peak over trough ' || size_text
                    end,
                    ')'
                )
            when 'weekend'
                then concat(
                    case when is_low then 'lower' else 'raise' end, ' the weekend hours of ',
                    parameter, ' (first guess: ',
                    coalesce(
                        'times ' || {{ fid_figure('1 / quotient', 3) }}, 'weekdays ' || size_text
                    ),
                    ')'
                )
            when 'inverse'
                then concat(
                    case when is_low then 'lower ' else 'raise ' end, parameter,
                    ' (first guess: ',
                    coalesce('times ' || {{ fid_figure('1 / quotient', 3) }}, size_text),
                    ')'
                )
            when 'weight'
                then concat(
                    case when is_low then 'raise' else 'lower' end, ' the weight of these in ',
                    parameter, ' (first guess: ', size_text, ')'
                )
            when 'scale'
                then concat(
                    'scale ', parameter,
                    case
                        when quotient is null then concat(' (first guess: ', size_text, ')')
                        else concat(
                            ' by ', {{ fid_figure('quotient', 3) }}, ' (log-normal: mu ',
                            to_char(ln(quotient), 'FMSG990.00'), ')'
                        )
                    end
                )
            else concat(
                case when is_low then 'raise ' else 'lower ' end, parameter,
                ' (first guess: ', size_text,
                -- A share cannot be more than all.
                case when metric like '%_share' then ', at most 1' end,
                ')'
            )
        end as what_to_do
    from sized

)

select * from final
