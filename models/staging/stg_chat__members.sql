{%- set mapping = per_target(var('mapping'), target.name) -%}
with

final as (

    {{ mapped_rows(
        var('mappings'), mapping, 'members', source('chat', 'conversation_users'), {
            'conversation_id': 'bigint',
            'user_id': 'bigint',
        }
    ) }}

)

select * from final
