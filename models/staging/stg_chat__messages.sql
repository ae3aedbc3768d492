{%- set mapping = per_target(var('mapping'), target.name) -%}
with

mapped_messages as (

    {{ mapped_rows(
        var('mappings'), mapping, 'messages', source('chat', 'messages'), {
            'message_id': 'bigint',
            'conversation_id': 'bigint',
            'sender_id': 'bigint',
            'message_type': 'text',
            'content_length': 'integer',
            'sent_at': 'timestamptz',
        }
    ) }}

),

types as (

    select vocabulary.label from {{ ref('vocabulary') }} as vocabulary
    where vocabulary.vocabulary = 'message_type'

),

final as (

    select
        message_id,
        conversation_id,
        sender_id,
        {{ known_label('message_type', 'types') }} as message_type,
        content_length,
        sent_at
    from mapped_messages

)

select * from final
