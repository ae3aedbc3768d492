{{ config(pre_hook=without_workers()) }}
with

messages as (

    select * from {{ bounded('int_messages', 'int_messages__bounded', 'is_counted') }}

),

final as (

    select
        cast(floor(sent_epoch / 60) as bigint) as minute_number,
        count(*) as n_messages,
        bit_or({{ slot_bit('sender_slot') }}) as people_sketch
    from messages
    group by 1

)

select * from final
