{%- set mapping = per_target(var('mapping'), target.name) -%}
with

mapped_attachments as (

    {{ mapped_rows(
        var('mappings'), mapping, 'attachments', source('chat', 'attachments'), {
            'attachment_id': 'bigint',
            'message_id': 'bigint',
            'attachment_type': 'text',
            'size_bytes': 'bigint',
        }
    ) }}

),

types as (

    select vocabulary.label from {{ ref('vocabulary') }} as vocabulary
    where vocabulary.vocabulary = 'attachment_type'

),

final as (

    select
        attachment_id,
        message_id,
        {{ known_label('attachment_type', 'types') }} as attachment_type,
        size_bytes
    from mapped_attachments

)

select * from final
