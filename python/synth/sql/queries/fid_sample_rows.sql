-- name: fid_sample_rows
-- params: none; schema is the target's
-- returns: units of independence of both sides
select
    sample_unit,
    cast(n_expected as float8) as n_expected,
    cast(n_actual as float8) as n_actual
from {schema}.fid_sample_sizes
order by sample_unit
