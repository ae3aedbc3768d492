{#
fid_exceptions_hold(model, exceptions)
model       fid_verdict
exceptions  fid_exceptions
returns     the rows of the seed that are refused, with what is wrong
#}
{%- test fid_exceptions_hold(model, exceptions) -%}

select
    check_name,
    problem
from {{ exceptions }}
where problem is not null

{%- endtest -%}
