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
    statistic_name,
    statistic,
    effect_name,
    effect_size,
    threshold,
    noise_floor,
    p_value,
    n_expected,
    n_actual,
    verdict,
    recommendation
from {schema}.fid_checks
order by
    array_position(array['FAIL', 'WARN', 'PASS', 'SKIP'], verdict),
    is_headline desc,
    is_critical desc,
    effect_size / nullif(greatest(threshold, noise_floor), 0) desc nulls last,
    check_name
