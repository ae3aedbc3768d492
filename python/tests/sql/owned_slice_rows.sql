-- name: owned_slice_rows
-- params: none
-- returns: n_rows bigint
select count(*) as n_rows
from mine.slice
