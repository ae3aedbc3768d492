{%- set window_days = per_target(var('window_days'), target.name) -%}
with

readers as (

    select * from {{ ref('int_read_receipts__readers') }}

),

messages as (

    select * from {{ ref('stg_chat__messages') }}

),

sample_window as (

    select * from {{ ref('int_window') }}

),

final as (

    select
        coalesce(readers.n_receipts, 0) as n_receipts,
        count(*) as n_messages,
        bit_or({{ person_bit('messages.sender_id') }}) as people_sketch
    from messages
    left join readers on messages.message_id = readers.message_id
    where {{ window_filter('messages.sent_at', 'sample_window', window_days, var('as_of')) }}
    group by 1

)

select * from final
