{#
fid_few_warnings(model, checks, n_allowed)
model      fid_verdict
checks     fid_checks
n_allowed  checks that may warn or fail, default 2
returns    every check that warns or fails, when there are more than n_allowed
#}
{%- test fid_few_warnings(model, checks, n_allowed=2) -%}

with

missed as (

    select
        check_name,
        statistic_name,
        statistic,
        effect_name,
        effect_size,
        threshold,
        recommendation,
        count(*) over () as n_missed
    from {{ checks }}
    where verdict in ('WARN', 'FAIL')

),

final as (

    select * from missed
    where n_missed > {{ n_allowed }}

)

select * from final

{%- endtest -%}
