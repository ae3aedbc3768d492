-- name: fid_check_rows
-- params: none; schema is the target's
-- returns: every check, the worst verdict first and headline tests before others
select
    check_name,
    entity,
    metric,
    segment,
    is_headline,
    is_critical,
    is_blocking,
    statistic_name,
    statistic,
    effect_name,
    effect_size,
    effect_lower,
    effect_upper,
    threshold,
    margin,
    noise_floor,
    p_value,
    n_expected,
    n_actual,
    verdict,
    recommendation
from {schema}.fid_checks
order by
    array_position(array['FAIL', 'WARN', 'EXCEPTED', 'PASS', 'SKIP'], verdict),
    is_headline desc,
    is_critical desc,
    effect_size / nullif(margin, 0) desc nulls last,
    check_name
