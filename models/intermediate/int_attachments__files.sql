{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

attachments as (

    select * from {{ ref('int_attachments') }}
    where is_attached

),

final as (

    select
        attachment_type,
        size_index,
        {{ cell_holder(slot_bit('sender_slot'), limit) }} as holder,
        cast(sum(n_rows) as bigint) as n_attachments,
        bit_or({{ slot_bit('sender_slot') }}) as people_sketch
    from attachments
    group by 1, 2, 3

)

select * from final
