{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

counted_files as (

    select
        *,
        {{ people_count('bit_or(people_sketch) filter (where size_index is null) over ()') }}
        < {{ k }} as is_recoded
    from {{ ref('int_attachments__files') }}

),

-- Files without a size are the total minus the buckets. Too few count as the smallest.
files as (

    select
        *,
        {{ bucket_lower('coalesce(size_index, case when is_recoded then 1 end)', 'bytes') }}
            as size_lower_bytes
    from counted_files

),

lengths as (

    select * from {{ ref('int_messages__length_buckets') }}

),

{{ message_labels('lengths', k, limit) }},

-- Of the types as they are published, or the difference would be those that were folded. Texts are
-- not counted here: where they are not told apart, nor are media.
media_messages as (

    select
        attachments.sender_slot,
        attachments.n_attachments,
        attachments.n_rows
    from {{ ref('int_attachments') }} as attachments
    inner join message_labels on attachments.message_type = message_labels.label
    where
        attachments.n_attachments is not null
        and message_labels.published_label != 'TEXT'
        and not exists (
            select 1 from message_labels as folded
            where folded.label = 'TEXT' and folded.published_label != 'TEXT'
        )
        -- Where nothing was ever attached, the source keeps no attachments.
        and exists (select 1 from files)

),

final as (

    {{ value_cells(
        'files', 'attachments', 'size_bytes', 'bytes', 'size_lower_bytes', 'bytes',
        'people_sketch', n_rows='sum(n_attachments)', holder='holder'
    ) }}

    union all

    {{ value_cells(
        'media_messages', 'attachments', 'attachments_per_media_message', 'attachments',
        'n_attachments', 'count', slot_bit('sender_slot'), n_rows='sum(n_rows)',
        holder=cell_holder(slot_bit('sender_slot'), limit)
    ) }}

)

select * from final
