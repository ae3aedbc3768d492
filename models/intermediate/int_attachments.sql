with

attachments as (

    select * from {{ ref('stg_chat__attachments') }}

),

messages as (

    select * from {{ ref('int_messages') }}

),

-- Message by message, so that one pass knows each file and how many a message has.
numbered as (

    select
        messages.message_type,
        messages.sender_slot,
        messages.message_type != 'TEXT' as is_media,
        attachments.message_id is not null as is_attached,
        attachments.attachment_type,
        attachments.size_bytes,
        row_number() over by_message as attachment_number,
        lead(messages.message_id) over by_message is null as is_last
    from messages
    left join attachments on messages.message_id = attachments.message_id
    where messages.message_type != 'TEXT' or attachments.message_id is not null
    window by_message as (partition by messages.message_id)

),

placed as (

    select
        message_type,
        case when is_attached then {{ bucket_index('size_bytes', 'bytes') }} end as size_index,
        cast(
            case
                when is_media and is_last and is_attached then attachment_number
                when is_media and is_last then 0
            end as integer
        ) as n_attachments,
        sender_slot,
        is_attached,
        attachment_type
    from numbered

),

final as (

    select
        message_type,
        size_index,
        n_attachments,
        sender_slot,
        is_attached,
        attachment_type,
        count(*) as n_rows
    from placed
    group by message_type, size_index, n_attachments, sender_slot, is_attached, attachment_type

)

select * from final
