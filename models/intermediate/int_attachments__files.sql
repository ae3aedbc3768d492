with

attachments as (

    select * from {{ ref('int_attachments') }}
    where is_attached

),

final as (

    select
        attachment_type,
        size_index,
        count(*) as n_attachments,
        bit_or({{ slot_bit('sender_slot') }}) as people_sketch
    from attachments
    group by attachment_type, size_index

)

select * from final
