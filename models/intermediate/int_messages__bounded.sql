{{ config(enabled=is_private()) }}
with

messages as (

    select * from {{ ref('int_messages') }}

),

memberships as (

    select * from {{ ref('int_memberships__bounded') }}

),

secret as (

    select * from {{ ref('int_secret') }}

),

-- Hour 0 of the week is Monday 00:00; hour 0 of the epoch was a Thursday 00:00. Days of a
-- conversation are shuffled, and not its messages, so that people tend to keep the same stretches,
-- and gaps and sessions in them stay as they were.
kept as (

    select
        messages.*,
        (cast(floor(messages.sent_epoch / 3600) as bigint) + 72) % 168 as hour_of_week,
        {{ keyed_order('messages.conversation_id # cast(floor(messages.sent_epoch / 86400) as bigint)') }}
            as day_order
    from messages
    inner join memberships
        on
            messages.conversation_id = memberships.conversation_id
            and messages.sender_id = memberships.user_id

),

numbered as (

    select
        *,
        row_number() over (
            partition by sender_id order by day_order, sent_epoch, message_id
        ) <= {{ var('dp_contributions')['messages'] }} as is_counted
    from kept

),

final as (

    select
        message_id,
        conversation_id,
        sender_id,
        sent_epoch,
        content_length,
        sender_slot,
        type_number,
        is_counted,
        is_counted and row_number() over (
            partition by sender_id, is_counted, hour_of_week
            order by day_order, sent_epoch, message_id
        ) <= {{ var('dp_contributions')['hourly'] }} as is_hourly
    from numbered

)

select * from final
