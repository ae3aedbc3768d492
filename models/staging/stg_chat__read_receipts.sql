{{ config(materialized='table' if var('materialize_staging') else 'view') }}
{%- set mapping = per_target(var('mapping'), target.name) -%}
with

mapped_receipts as (

    {{ mapped_rows(
        var('mappings'), mapping, 'read_receipts', source('chat', 'message_reads'),
        var('canonical_columns'), per_target(var('source_schema'), target.name)
    ) }}

),

final as (

    select * from mapped_receipts
    -- A receipt without a time says that nothing was read.
    where read_at is not null

)

select * from final
