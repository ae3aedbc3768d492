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
        cast(floor({{ epoch_seconds('sent_at') }} / 60) as bigint) as minute_number,
        count(*) as n_messages,
        bit_or({{ person_bit('sender_id') }}) as people_sketch
    from messages
    where {{ window_filter('sent_at', 'sample_window', window_days, var('as_of')) }}
    group by 1

)

select * from final
