{{ config(pre_hook=without_workers()) }}
with

messages as (

    select * from {{ bounded('int_messages', 'int_messages__bounded') }}

),

final as (

    select
        conversation_id,
        sender_id,
        count(*) as n_messages,
        min(sent_epoch) as first_epoch,
        max(sent_epoch) as last_epoch
    from messages
    group by conversation_id, sender_id

)

select * from final
