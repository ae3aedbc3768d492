{%- set window_days = per_target(var('window_days'), target.name) -%}
with

attachments as (

    select * from {{ ref('stg_chat__attachments') }}

),

messages as (

    select * from {{ ref('stg_chat__messages') }}

),

sample_window as (

    select * from {{ ref('int_window') }}

),

attached as (

    select
        message_id,
        count(*) as n_attachments
    from attachments
    group by message_id

),

final as (

    select
        messages.message_id,
        messages.message_type != 'TEXT' as is_media,
        {{ person_bit('messages.sender_id') }} as person_bit,
        coalesce(attached.n_attachments, 0) as n_attachments
    from messages
    left join attached on messages.message_id = attached.message_id
    where
        {{ window_filter('messages.sent_at', 'sample_window', window_days, var('as_of')) }}
        and (messages.message_type != 'TEXT' or attached.message_id is not null)

)

select * from final
