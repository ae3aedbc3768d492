{{ config(materialized='table' if var('materialize_staging') else 'view') }}
{%- set mapping = per_target(var('mapping'), target.name) -%}
with

mapped_attachments as (

    {{ mapped_rows(
        var('mappings'), mapping, 'attachments', source('chat', 'attachments'),
        var('canonical_columns'), per_target(var('source_schema'), target.name)
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
