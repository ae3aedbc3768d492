{{ config(enabled=not is_private()) }}
with

receipts as (

    select * from {{ ref('int_read_receipts') }}
    where n_receipts is not null

),

final as (

    select
        n_receipts,
        {{ cell_holder(slot_bit('sender_slot')) }} as holder,
        cast(sum(n_rows) as bigint) as n_messages,
        bit_or({{ slot_bit('sender_slot') }}) as people_sketch
    from receipts
    group by n_receipts, holder

)

select * from final
