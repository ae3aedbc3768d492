{{ config(pre_hook=by_hash()) }}
{%- set session_gap_seconds = var('session_gap_seconds') -%}
with

-- A session's first message, and behind the last session of a conversation nothing.
starts as (

    select
        conversation_id,
        sender_slot,
        message_number
    from {{ ref('int_messages__gaps') }}
    where gap_seconds is null or gap_seconds > {{ session_gap_seconds }}

),

conversations as (

    select * from {{ ref('int_conversations__gaps') }}

),

sessions as (

    select
        starts.sender_slot,
        coalesce(
            lead(starts.message_number) over (
                partition by starts.conversation_id order by starts.message_number
            ),
            coalesce(conversations.n_gaps, 0) + 2
        ) - starts.message_number as n_messages
    from starts
    left join conversations on starts.conversation_id = conversations.conversation_id

),

final as (

    select
        n_messages,
        {{ cell_holder(slot_bit('sender_slot')) }} as holder,
        count(*) as n_sessions,
        bit_or({{ slot_bit('sender_slot') }}) as people_sketch
    from sessions
    group by 1, 2

)

select * from final
