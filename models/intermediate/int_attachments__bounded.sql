{{ config(enabled=is_private()) }}
with

attachments as (

    select * from {{ ref('stg_chat__attachments') }}

),

messages as (

    select * from {{ ref('int_messages__bounded') }}
    where is_counted

),

secret as (

    select * from {{ ref('int_secret') }}

),

numbered as (

    select
        attachments.*,
        row_number() over (
            partition by messages.sender_id
            order by {{ keyed_order('attachments.attachment_id') }}, attachments.attachment_id
        ) as place
    from attachments
    inner join messages on attachments.message_id = messages.message_id

),

final as (

    select
        attachment_id,
        message_id,
        attachment_type,
        size_bytes
    from numbered
    where place <= {{ var('dp_contributions')['messages'] }}

)

select * from final
