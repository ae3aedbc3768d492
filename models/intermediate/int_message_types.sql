{{ config(materialized='ephemeral') }}
with

vocabulary as (

    select * from {{ ref('vocabulary') }}
    where vocabulary = 'message_type'

),

final as (

    select array_agg(label order by label) || cast('OTHER' as text) as labels
    from vocabulary

)

select * from final
