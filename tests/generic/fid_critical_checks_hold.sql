{#
fid_critical_checks_hold(model, checks)
model    fid_verdict
checks   fid_checks
returns  the critical checks that failed
#}
{%- test fid_critical_checks_hold(model, checks) -%}

select
    check_name,
    statistic_name,
    statistic,
    effect_name,
    effect_size,
    threshold,
    recommendation
from {{ checks }}
where is_critical and verdict = 'FAIL'

{%- endtest -%}
