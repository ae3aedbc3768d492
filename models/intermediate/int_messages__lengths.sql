with

messages as (

    select * from {{ ref('int_messages') }}

),

final as (

    select
        message_type,
        content_length,
        count(*) as n_messages,
        bit_or({{ slot_bit('sender_slot') }}) as people_sketch
    from messages
    group by message_type, content_length

)

select * from final
