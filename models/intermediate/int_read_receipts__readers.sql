with

receipts as (

    select * from {{ ref('stg_chat__read_receipts') }}

),

-- A table of its own: as a side of the join in int_read_receipts__messages, every parallel worker
-- would count all of it.
final as (

    select
        message_id,
        count(*) as n_receipts
    from receipts
    group by message_id

)

select * from final
