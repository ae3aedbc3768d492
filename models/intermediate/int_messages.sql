{{ config(pre_hook=by_workers()) }}
{%- set window_days = per_target(var('window_days'), target.name) -%}
with

-- Read again for its latest moment alone, where the window ends with it; kept in memory or on disk
-- for both, it would be every message with everything.
messages as not materialized (

    select * from {{ ref('stg_chat__messages') }}

),

types as (

    select * from {{ ref('int_message_types') }}

),

-- The narrowest row that answers everything, read from the source once: whatever else is counted
-- of messages is counted here, so that all of it is of one moment.
final as (

    select
        message_id,
        conversation_id,
        sender_id,
        {{ epoch_seconds('sent_at') }} as sent_epoch,
        content_length,
        cast({{ person_slot('sender_id') }} as smallint) as sender_slot,
        cast({{ label_number('message_type', 'types') }} as smallint) as type_number
    from messages
    where {{ window_filter('sent_at', 'messages', window_days, var('as_of')) }}

)

select * from final
