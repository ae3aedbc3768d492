{#
fid_headline_passes(model, check_name)
model       fid_checks
check_name  one of the headline tests
returns     the check when it was compared and did not pass, and a row when it is not there at all
#}
{%- test fid_headline_passes(model, check_name) -%}

with

checks as (

    select * from {{ model }}
    where check_name = '{{ check_name }}'

),

final as (

    select
        wanted.check_name,
        checks.statistic_name,
        checks.statistic,
        checks.effect_name,
        checks.effect_size,
        checks.threshold,
        coalesce(checks.recommendation, 'the check is missing from the model') as recommendation
    from (select '{{ check_name }}' as check_name) as wanted
    left join checks on wanted.check_name = checks.check_name
    where coalesce(checks.verdict, 'FAIL') not in ('PASS', 'SKIP')

)

select * from final

{%- endtest -%}
