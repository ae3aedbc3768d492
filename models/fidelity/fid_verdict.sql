with

checks as (

    select * from {{ ref('fid_checks') }}

),

counted as (

    select
        count(*) filter (where is_headline and verdict = 'PASS') as headline_passed,
        count(*) filter (where is_headline and verdict != 'SKIP') as headline_total,
        count(*) filter (where verdict = 'PASS') as n_pass,
        count(*) filter (where verdict = 'WARN') as n_warn,
        count(*) filter (where verdict = 'FAIL') as n_fail,
        count(*) filter (where verdict = 'SKIP') as n_skip,
        count(*) filter (where is_blocking) as n_critical
    from checks

),

judged as (

    select
        *,
        case
            -- Nothing seen is nothing proved.
            when headline_passed = 0 then 'FAIL'
            when headline_passed = headline_total then 'PASS'
            when headline_passed = headline_total - 1 then 'WARNING'
            else 'FAIL'
        end as headline_verdict
    from counted

),

final as (

    select
        headline_verdict,
        headline_passed,
        headline_total,
        n_pass,
        n_warn,
        n_fail,
        n_skip,
        n_critical,
        headline_verdict != 'FAIL' and n_critical = 0 and n_warn + n_fail <= 2 as is_go
    from judged

)

select * from final
