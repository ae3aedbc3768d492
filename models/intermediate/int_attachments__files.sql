{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

attachments as (

    select * from {{ ref('int_attachments') }}
    where is_attached

),

lengths as (

    select * from {{ ref('int_messages__length_buckets') }}

),

{{ message_labels('lengths', k, limit) }},

-- Files minus those of media messages are the files of other messages: of too few people, they are
-- left out.
told_apart as (

    select
        attachments.*,
        {{ cell_holder(slot_bit('attachments.sender_slot'), limit) }} as holder,
        message_labels.published_label != 'TEXT'
        or {{ people_count(
            'bit_or(' ~ slot_bit('attachments.sender_slot') ~ ') '
            ~ "filter (where message_labels.published_label = 'TEXT') over ()"
        ) }} >= {{ k }} as is_counted
    from attachments
    inner join message_labels on attachments.message_type = message_labels.label

),

final as (

    select
        attachment_type,
        size_index,
        holder,
        cast(sum(n_rows) as bigint) as n_attachments,
        bit_or({{ slot_bit('sender_slot') }}) as people_sketch
    from told_apart
    where is_counted
    group by attachment_type, size_index, holder

)

select * from final
