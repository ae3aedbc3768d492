{{ config(materialized='ephemeral') }}
with

vocabulary as (

    select * from {{ ref('vocabulary') }}
    where vocabulary = 'message_type'

),

known_labels as (

    select label from vocabulary

    union

    select 'OTHER' as label

),

final as (

    select array_agg(label order by label collate "C") as labels
    from known_labels

)

select * from final
