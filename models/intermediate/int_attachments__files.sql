with

attachments as (

    select * from {{ ref('stg_chat__attachments') }}

),

messages as (

    select * from {{ ref('int_attachments__messages') }}

),

final as (

    select
        attachments.attachment_type,
        {{ bucket_index('attachments.size_bytes', 'bytes') }} as size_index,
        count(*) as n_attachments,
        bit_or(messages.person_bit) as people_sketch
    from attachments
    inner join messages on attachments.message_id = messages.message_id
    group by 1, 2

)

select * from final
