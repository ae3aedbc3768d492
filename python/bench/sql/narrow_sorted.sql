-- name: narrow_sorted
-- params: {table}, the narrow rows; first_tid, last_tid text (block range, the last excluded)
-- returns: nothing of use; reads some blocks in time order and numbers them, as a slice does
with

ordered as materialized (

    select
        row_number() over (order by sent_at, conversation_id, message_key) as message_id,
        *
    from bench_narrow.{table}
    where ctid >= %(first_tid)s::tid and ctid < %(last_tid)s::tid

)

select max(message_id) as last_id
from ordered
