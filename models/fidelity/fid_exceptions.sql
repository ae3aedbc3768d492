with

exceptions as (

    select * from {{ ref('exceptions') }}

),

checks as (

    select
        check_name,
        is_headline or is_critical as is_unexceptable
    from {{ ref('tolerances') }}

),

named as (

    select
        coalesce(exceptions.check_name, '') as check_name,
        exceptions.segment,
        exceptions.accepted_effect,
        exceptions.until,
        exceptions.decided_by,
        exceptions.reason,
        case
            when checks.check_name is null then 'there is no check of this name'
            when checks.is_unexceptable
                then concat(
                    'headline and critical checks take no exception: change the threshold or ',
                    'widest_margin in seeds/tolerances.csv, with its reason'
                )
            when count(*) over (partition by exceptions.check_name) > 1
                then 'a check takes one exception, here are more'
            when exceptions.accepted_effect > 0 and exceptions.accepted_effect < 'infinity'
                then case
                    when exceptions.until is null then 'the column until is empty'
                    when length(trim(coalesce(exceptions.decided_by, ''))) = 0
                        then 'the column decided_by is empty'
                    when length(trim(coalesce(exceptions.reason, ''))) = 0
                        then 'the column reason is empty'
                end
            else 'accepted_effect is no positive figure'
        end as problem,
        coalesce(exceptions.until < cast(now() at time zone 'UTC' as date), false) as is_expired
    from exceptions
    left join checks on exceptions.check_name = checks.check_name

),

final as (

    select
        check_name,
        segment,
        accepted_effect,
        until,
        decided_by,
        reason,
        problem,
        is_expired,
        problem is null and not is_expired as is_active
    from named

)

select * from final
