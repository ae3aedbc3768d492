{#
fid_checks_complete(model, checks, tolerances)
model       fid_verdict
checks      fid_checks
tolerances  relation that lists every check by check_name
returns     the checks that are missing; one row when not a single check was compared
#}
{%- test fid_checks_complete(model, checks, tolerances) -%}

with

checks as (

    select * from {{ checks }}

),

expected as (

    select * from {{ tolerances }}

),

final as (

    select
        expected.check_name,
        'missing' as problem
    from expected
    left join checks on expected.check_name = checks.check_name
    where checks.check_name is null

    union all

    select
        'all' as check_name,
        'nothing was compared' as problem
    from checks
    having count(*) filter (where verdict != 'SKIP') = 0

)

select * from final

{%- endtest -%}
