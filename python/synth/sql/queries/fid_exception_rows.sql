-- name: fid_exception_rows
-- params: none; schema is the target's
-- returns: every row of the seed of exceptions, what became of it and one line on it
select
    exceptions.check_name,
    exceptions.segment,
    exceptions.accepted_effect,
    to_char(exceptions.until, 'YYYY-MM-DD') as until,
    exceptions.decided_by,
    exceptions.reason,
    case
        when exceptions.problem is not null then 'refused'
        when exceptions.is_expired then 'expired'
        when checks.verdict = 'EXCEPTED' then 'applied'
        when checks.verdict in ('PASS', 'SKIP') then 'unneeded'
        else 'exceeded'
    end as state,
    case
        when exceptions.problem is not null then exceptions.problem
        when exceptions.is_expired
            then format('expired on %s: decide again, or remove the row', exceptions.until)
        when checks.verdict = 'EXCEPTED'
            then format('%s, until %s', exceptions.reason, exceptions.until)
        when checks.verdict = 'PASS' then 'the check passes: remove the row'
        when checks.verdict = 'SKIP' then 'the check was not compared'
        when checks.effect_size <= exceptions.accepted_effect
            then format('the check misses in segment %s, not in this one', checks.segment)
        else 'the check misses by more than is accepted, or is missing'
    end as explanation
from {schema}.fid_exceptions as exceptions
left join {schema}.fid_checks as checks on exceptions.check_name = checks.check_name
order by exceptions.check_name, exceptions.segment
