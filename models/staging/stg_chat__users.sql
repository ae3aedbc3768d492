{{ config(materialized='table' if var('materialize_staging') else 'view') }}
{%- set mapping = per_target(var('mapping'), target.name) -%}
with

mapped_users as (

    {{ mapped_rows(
        var('mappings'), mapping, 'users', source('chat', 'users'),
        var('canonical_columns'), per_target(var('source_schema'), target.name)
    ) }}

),

devices as (

    select vocabulary.label from {{ ref('vocabulary') }} as vocabulary
    where vocabulary.vocabulary = 'device'

),

final as (

    select
        user_id,
        case
            when device_label is not null then {{ known_label('device_label', 'devices') }}
        end as device_label,
        username_length,
        has_avatar,
        has_bio,
        has_phone,
        has_display_name
    from mapped_users

)

select * from final
