{%- set mapping = per_target(var('mapping'), target.name) -%}
with

mapped_conversations as (

    {{ mapped_rows(
        var('mappings'), mapping, 'conversations', source('chat', 'conversations'), {
            'conversation_id': 'bigint',
            'conversation_type': 'text',
        }
    ) }}

),

types as (

    select vocabulary.label from {{ ref('vocabulary') }} as vocabulary
    where vocabulary.vocabulary = 'conversation_type'

),

final as (

    select
        conversation_id,
        {{ known_label('conversation_type', 'types') }} as conversation_type
    from mapped_conversations

)

select * from final
