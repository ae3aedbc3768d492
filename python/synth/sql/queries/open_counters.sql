-- name: open_counters
-- params: none
-- returns: one row: number of an empty large object, and two descriptors of it that end with the
--          transaction
-- `lo_lseek64(descriptor, n, 1)` moves a place by n and gives it: the cheapest counter of the
-- server, and the cheapest sum. A window keeps every row to number it or to add it up, and a
-- sequence is looked up and locked each time. Nobody writes to the object; close_counters removes
-- it in the same transaction.
with made as materialized (

    select lo_create(0) as object_id

)

select
    object_id,
    -- To write: an object of the same statement can be opened no other way.
    lo_open(object_id, x'20000'::integer) as first_counter,
    lo_open(object_id, x'20000'::integer) as second_counter
from made
