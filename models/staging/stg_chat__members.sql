{{ config(materialized='table' if var('materialize_staging') else 'view') }}
{%- set mapping = per_target(var('mapping'), target.name) -%}
with

final as (

    {{ mapped_rows(
        var('mappings'), mapping, 'members', source('chat', 'conversation_users'),
        var('canonical_columns'), per_target(var('source_schema'), target.name)
    ) }}

)

select * from final
