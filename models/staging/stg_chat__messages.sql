{{ config(materialized='table' if var('materialize_staging') else 'view') }}
{%- set mapping = per_target(var('mapping'), target.name) -%}
with

mapped_messages as (

    {{ mapped_rows(
        var('mappings'), mapping, 'messages', source('chat', 'messages'),
        var('canonical_columns'), per_target(var('source_schema'), target.name)
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
