{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

messages as (

    select * from {{ ref('int_messages') }}

),

types as (

    select * from {{ ref('int_message_types') }}

),

-- By number, since labels are compared more slowly.
counted as (

    select
        type_number,
        content_length,
        {{ cell_holder(slot_bit('sender_slot'), limit) }} as holder,
        count(*) as n_messages,
        bit_or({{ slot_bit('sender_slot') }}) as people_sketch
    from messages
    group by 1, 2, 3

),

final as (

    select
        ((select types.labels from types))[type_number] as message_type,
        content_length,
        holder,
        n_messages,
        people_sketch
    from counted

)

select * from final
