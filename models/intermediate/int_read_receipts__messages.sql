with

receipts as (

    select * from {{ ref('int_read_receipts') }}
    where n_receipts is not null

),

final as (

    select
        n_receipts,
        cast(sum(n_rows) as bigint) as n_messages,
        bit_or(senders_sketch) as people_sketch
    from receipts
    group by n_receipts

)

select * from final
