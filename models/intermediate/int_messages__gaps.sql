with

messages as (

    select * from {{ bounded('int_messages', 'int_messages__bounded', 'is_counted') }}

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
    where n_messages_before < {{ sample_messages('gap_sample_messages') }}

),

moments as (

    select
        conversation_id,
        message_id,
        sender_slot,
        sent_epoch
    from messages
    where hashint8extended(conversation_id, 1) <= (select sampled.last_hash from sampled)

),

-- The narrowest row that lets one sort answer everything about succession.
ordered as (

    select
        conversation_id,
        sender_slot,
        sent_epoch,
        lag(sent_epoch) over in_order as previous_epoch,
        lag(sent_epoch, 2) over in_order as second_epoch,
        cast(row_number() over in_order as integer) as message_number
    from moments
    window in_order as (partition by conversation_id order by sent_epoch, message_id)

),

-- Activity time behind the window: a moment is looked up in less time than a row before it.
final as (

    select
        conversation_id,
        sent_epoch - previous_epoch as gap_seconds,
        previous_epoch - second_epoch as previous_gap_seconds,
        ({{ activity_seconds('sent_epoch', 'activity_hours') }})
        - ({{ activity_seconds('previous_epoch', 'activity_hours') }}) as activity_gap_seconds,
        message_number,
        sender_slot
    from ordered

)

select * from final
