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
        message_type,
        cast(floor({{ epoch_seconds('sent_at') }} / 3600) as bigint) % 24 as hour_number,
        count(*) as n_messages,
        bit_or({{ person_bit('sender_id') }}) as people_sketch
    from messages
    where {{ window_filter('sent_at', 'sample_window', window_days, var('as_of')) }}
    group by 1, 2

)

select * from final
