-- name: close_counters
-- params: object_id bigint, second_counter integer (of open_counters)
-- returns: n_counted bigint, where the second counter stood; removes the large object and closes
--          its descriptors
with counted as materialized (

    select lo_lseek64(%(second_counter)s::integer, 0, 1) as n_counted

)

select
    n_counted,
    lo_unlink(%(object_id)s::oid) as is_removed
from counted
