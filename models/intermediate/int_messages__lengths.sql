{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

messages as (

    select * from {{ ref('int_messages') }}

),

final as (

    select
        message_type,
        content_length,
        {{ cell_holder(slot_bit('sender_slot'), limit) }} as holder,
        count(*) as n_messages,
        bit_or({{ slot_bit('sender_slot') }}) as people_sketch
    from messages
    group by 1, 2, 3

)

select * from final
