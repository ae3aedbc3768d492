{#
fid_exceptions_needed(model, exceptions, checks)
model       fid_verdict
exceptions  fid_exceptions
checks      fid_checks
returns     the exceptions in order that except nothing: expired, or of a check that does not
            need them, has grown beyond them or misses in another segment
#}
{%- test fid_exceptions_needed(model, exceptions, checks) -%}

select
    exceptions.check_name,
    exceptions.until,
    exceptions.is_expired,
    exceptions.accepted_effect,
    checks.effect_size,
    checks.verdict
from {{ exceptions }} as exceptions
inner join {{ checks }} as checks on exceptions.check_name = checks.check_name
where exceptions.problem is null and checks.verdict != 'EXCEPTED'

{%- endtest -%}
