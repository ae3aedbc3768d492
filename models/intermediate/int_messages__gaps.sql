with

messages as (

    select * from {{ ref('int_messages') }}

),

senders as (

    select * from {{ ref('int_conversations__senders') }}

),

activity_hours as (

    select * from {{ ref('int_window__hours') }}

),

sizes as (

    select
        conversation_id,
        sum(n_messages) as n_messages
    from senders
    group by conversation_id

),

-- In an order that has to do with nothing, and the same every time.
shuffled as (

    select
        conversation_id,
        sum(n_messages) over (
            order by hashint8extended(conversation_id, 1), conversation_id
            rows between unbounded preceding and current row
        ) - n_messages as n_messages_before
    from sizes

),

-- The hash of the last one drawn says of every message whether it is drawn, without a join.
sampled as (

    select max(hashint8extended(conversation_id, 1)) as last_hash
    from shuffled
    where n_messages_before < {{ var('gap_sample_messages') }}

),

moments as (

    select
        messages.conversation_id,
        messages.message_id,
        messages.sender_slot,
        messages.sent_epoch,
        {{ activity_seconds('messages.sent_epoch', 'activity_hours') }} as sent_activity
    from messages
    where
        hashint8extended(messages.conversation_id, 1) <= (select sampled.last_hash from sampled)

),

-- The narrowest row that lets one sort answer everything about succession.
final as (

    select
        conversation_id,
        sent_epoch - lag(sent_epoch) over in_order as gap_seconds,
        lag(sent_epoch) over in_order - lag(sent_epoch, 2) over in_order as previous_gap_seconds,
        sent_activity - lag(sent_activity) over in_order as activity_gap_seconds,
        cast(row_number() over in_order as integer) as message_number,
        sender_slot
    from moments
    window in_order as (partition by conversation_id order by sent_epoch, message_id)

)

select * from final
