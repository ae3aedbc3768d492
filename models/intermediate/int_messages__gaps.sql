{%- set window_days = per_target(var('window_days'), target.name) -%}
with

messages as (

    select * from {{ ref('stg_chat__messages') }}

),

sample_window as (

    select * from {{ ref('int_window') }}

),

activity_hours as (

    select * from {{ ref('int_window__hours') }}

),

moments as (

    select
        conversation_id,
        message_id,
        {{ person_bit('sender_id') }} as person_bit,
        {{ epoch_seconds('sent_at') }} as sent_epoch,
        {{ activity_seconds(epoch_seconds('sent_at'), 'activity_hours') }} as sent_activity
    from messages
    where {{ window_filter('sent_at', 'sample_window', window_days, var('as_of')) }}

),

-- The narrowest row that lets one sort answer everything about succession.
final as (

    select
        conversation_id,
        person_bit,
        row_number() over in_order as message_number,
        sent_epoch - lag(sent_epoch) over in_order as gap_seconds,
        lag(sent_epoch) over in_order - lag(sent_epoch, 2) over in_order as previous_gap_seconds,
        sent_activity - lag(sent_activity) over in_order as activity_gap_seconds
    from moments
    window in_order as (partition by conversation_id order by sent_epoch, message_id)

)

select * from final
