with

checks as (

    select * from {{ ref('fid_checks') }}

),

exceptions as (

    select count(*) filter (where problem is not null) as n_bad_exceptions
    from {{ ref('fid_exceptions') }}

),

counted as (

    select
        count(*) filter (where is_headline and verdict = 'PASS') as headline_passed,
        count(*) filter (where is_headline and verdict != 'SKIP') as headline_total,
        count(*) filter (where verdict = 'PASS') as n_pass,
        count(*) filter (where verdict = 'WARN') as n_warn,
        count(*) filter (where verdict = 'FAIL') as n_fail,
        count(*) filter (where verdict = 'SKIP') as n_skip,
        count(*) filter (where verdict = 'EXCEPTED') as n_excepted,
        count(*) filter (where is_blocking) as n_critical
    from checks

),

judged as (

    select
        counted.*,
        exceptions.n_bad_exceptions,
        case
            -- Nothing seen is nothing proved.
            when counted.headline_passed = 0 then 'FAIL'
            when counted.headline_passed = counted.headline_total then 'PASS'
            when counted.headline_passed = counted.headline_total - 1 then 'WARNING'
            else 'FAIL'
        end as headline_verdict
    from counted
    cross join exceptions

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
        n_excepted,
        n_critical,
        n_bad_exceptions,
        headline_verdict != 'FAIL'
        and n_critical = 0
        and n_bad_exceptions = 0
        and n_warn + n_fail <= 2 as is_go
    from judged

)

select * from final
