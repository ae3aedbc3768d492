{#
fid_critical_checks_hold(model, checks)
model    fid_verdict
checks   fid_checks
returns  the critical checks that are missing, or fail by more than twice their margin
#}
{%- test fid_critical_checks_hold(model, checks) -%}

select
    check_name,
    statistic_name,
    statistic,
    effect_name,
    effect_size,
    margin,
    recommendation
from {{ checks }}
where is_blocking

{%- endtest -%}
