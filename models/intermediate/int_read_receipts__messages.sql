with

receipts as (

    select * from {{ ref('int_read_receipts') }}
    where n_receipts is not null

),

final as (

    select
        n_receipts,
        count(*) as n_messages,
        bit_or({{ slot_bit('sender_slot') }}) as people_sketch
    from receipts
    group by n_receipts

)

select * from final
