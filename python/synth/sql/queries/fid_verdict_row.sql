-- name: fid_verdict_row
-- params: none; schema is the target's
-- returns: the one row of fid_verdict
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
    is_go
from {schema}.fid_verdict
