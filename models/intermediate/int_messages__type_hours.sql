with

messages as (

    select * from {{ ref('int_messages') }}

),

final as (

    select
        message_type,
        cast(floor(sent_epoch / 3600) as bigint) % 24 as hour_number,
        count(*) as n_messages,
        bit_or({{ slot_bit('sender_slot') }}) as people_sketch
    from messages
    group by 1, 2

)

select * from final
