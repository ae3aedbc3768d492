{{ config(materialized='table' if var('materialize_staging') else 'view') }}
{%- set mapping = per_target(var('mapping'), target.name) -%}
with

mapped_conversations as (

    {{ mapped_rows(
        var('mappings'), mapping, 'conversations', source('chat', 'conversations'),
        var('canonical_columns'), per_target(var('source_schema'), target.name)
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
