{#- The seed is text, so that what cannot be read is refused by name and stops no build. -#}
with

exceptions as (

    select
        check_name,
        segment,
        cast(accepted_effect as text) as accepted_effect,
        cast(until as text) as until,
        decided_by,
        reason
    from {{ ref('exceptions') }}

),

checks as (

    select
        check_name,
        is_headline or is_critical as is_unexceptable
    from {{ ref('tolerances') }}

),

-- A day has the form 2027-03-31 and is in the calendar: the 31st of April would be the 1st of May.
calendar as (

    select
        *,
        case
            when until ~ '^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'
                then make_date(
                    cast(substring(until for 4) as integer),
                    cast(substring(until from 6 for 2) as integer),
                    1
                )
                + cast(substring(until from 9 for 2) as integer) - 1
        end as counted_day
    from exceptions

),

readable as (

    select
        coalesce(check_name, '') as check_name,
        segment,
        case
            when accepted_effect ~ '^[0-9]{1,15}([.][0-9]{1,15})?(e[-+]?[0-9]{1,2})?$'
                then cast(accepted_effect as float8)
        end as accepted_effect,
        accepted_effect as written_effect,
        case when to_char(counted_day, 'YYYY-MM-DD') = until then counted_day end as until,
        until as written_day,
        decided_by,
        reason
    from calendar

),

named as (

    select
        readable.check_name,
        readable.segment,
        readable.accepted_effect,
        readable.until,
        readable.decided_by,
        readable.reason,
        case
            when checks.check_name is null then 'there is no check of this name'
            when checks.is_unexceptable
                then concat(
                    'headline and critical checks take no exception: change the threshold or ',
                    'widest_margin in seeds/tolerances.csv, with its reason'
                )
            when count(*) over (partition by readable.check_name) > 1
                then 'a check takes one exception, here are more'
            when coalesce(readable.accepted_effect, 0) <= 0
                then concat(
                    'accepted_effect is no positive figure, such as 0.4: ',
                    coalesce(left(readable.written_effect, 40), 'empty')
                )
            when readable.written_day is null then 'the column until is empty'
            when readable.until is null
                then concat(
                    'until is no day of the form 2027-03-31: ', left(readable.written_day, 40)
                )
            when length(trim(coalesce(readable.decided_by, ''))) = 0
                then 'the column decided_by is empty'
            when length(trim(coalesce(readable.reason, ''))) = 0 then 'the column reason is empty'
        end as problem,
        coalesce(readable.until < cast(now() at time zone 'UTC' as date), false) as is_expired
    from readable
    left join checks on readable.check_name = checks.check_name

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
