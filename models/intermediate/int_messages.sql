{%- set window_days = per_target(var('window_days'), target.name) -%}
with

-- Read again for its latest moment alone, where the window ends with it; kept in memory or on disk
-- for both, it would be every message with everything.
messages as not materialized (

    select * from {{ ref('stg_chat__messages') }}

),

-- The narrowest row that answers everything, read from the source once: whatever else is counted
-- of messages is counted here, so that all of it is of one moment. Labels stand last, since
-- columns behind one of varying width are found more slowly.
final as (

    select
        message_id,
        conversation_id,
        sender_id,
        {{ epoch_seconds('sent_at') }} as sent_epoch,
        content_length,
        cast({{ person_slot('sender_id') }} as smallint) as sender_slot,
        message_type
    from messages
    where {{ window_filter('sent_at', 'messages', window_days, var('as_of')) }}

)

select * from final
