{%- set window_days = per_target(var('window_days'), target.name) -%}
with

messages as (

    select * from {{ ref('stg_chat__messages') }}

),

sample_window as (

    select * from {{ ref('int_window') }}

),

final as (

    select
        conversation_id,
        sender_id,
        count(*) as n_messages,
        min(sent_at) as first_sent_at,
        max(sent_at) as last_sent_at
    from messages
    where {{ window_filter('sent_at', 'sample_window', window_days, var('as_of')) }}
    group by conversation_id, sender_id

)

select * from final
