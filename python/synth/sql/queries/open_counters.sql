-- name: open_counters
-- params: none
-- returns: one row: number of an empty large object, and two descriptors of it that end with the
--          transaction
-- `lo_lseek64(descriptor, 1, 1)` moves a place by one and gives it: the cheapest counter of the
-- server. A window keeps every row to number it, and a sequence is looked up and locked each time.
-- The object is written to by nobody and removed in the same transaction, by close_counters.
with made as materialized (

    select lo_create(0) as object_id

)

select
    object_id,
    -- To write: an object of the same statement can be opened no other way.
    lo_open(object_id, x'20000'::integer) as message_counter,
    lo_open(object_id, x'20000'::integer) as attachment_counter
from made
