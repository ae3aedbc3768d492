with

sample as (

    select * from {{ ref('int_messages__sample') }}

),

attachments as (

    select * from {{ bounded('stg_chat__attachments', 'int_attachments__bounded') }}
    where {{ is_sampled('message_id', 'sample') }}

),

types as (

    select * from {{ ref('int_message_types') }}

),

messages as (

    select
        message_id,
        sender_slot,
        type_number,
        type_number != (select array_position(types.labels, 'TEXT') from types) as is_media
    from {{ bounded('int_messages', 'int_messages__bounded', 'is_counted') }}
    where {{ is_sampled('message_id', 'sample') }}

),

-- Message by message, so that one pass knows each file and how many a message has.
numbered as (

    select
        messages.type_number,
        messages.sender_slot,
        messages.is_media,
        attachments.message_id is not null as is_attached,
        attachments.attachment_type,
        attachments.size_bytes,
        row_number() over by_message as attachment_number,
        lead(messages.message_id) over by_message is null as is_last
    from messages
    left join attachments on messages.message_id = attachments.message_id
    where messages.is_media or attachments.message_id is not null
    window by_message as (partition by messages.message_id)

),

placed as (

    select
        type_number,
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

counted as (

    select
        type_number,
        size_index,
        n_attachments,
        sender_slot,
        is_attached,
        attachment_type,
        count(*) as n_rows
    from placed
    group by type_number, size_index, n_attachments, sender_slot, is_attached, attachment_type

),

final as (

    select
        ((select types.labels from types))[type_number] as message_type,
        size_index,
        n_attachments,
        sender_slot,
        is_attached,
        attachment_type,
        n_rows
    from counted

)

select * from final
