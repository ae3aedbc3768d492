with

attachments as (

    select
        *,
        {{ slot_bit('sender_slot') }} as sender_bit,
        {{ bucket_lower('size_index', 'bytes') }} as size_lower_bytes
    from {{ ref('int_attachments') }}

),

files as (

    select * from attachments
    where is_attached

),

-- Where nothing was ever attached, the source keeps no attachments.
media_messages as (

    select * from attachments
    where n_attachments is not null{{ '' if is_private() else ' and exists (select 1 from files)' }}

),

sample as (

    select * from {{ ref('int_messages__sample') }}

),

counted as (

    {#- Files of the messages looked at stand for those of all messages. #}
    {{ cells('files', 'attachments', 'total_count', 'sender_bit', label="'total'",
        holder=cell_holder('sender_bit'),
        n_rows='round(sum(n_rows) * 1048576.0 / (select sampled_below from sample))') }}

    union all

    {{ cells('files', 'attachments', 'type_distribution', 'sender_bit', label='attachment_type',
        holder=cell_holder('sender_bit'), n_rows='sum(n_rows)') }}

    union all

    {{ cells('files', 'attachments', 'size_bytes', 'sender_bit', value='size_lower_bytes',
        grid='bytes', holder=cell_holder('sender_bit'), n_rows='sum(n_rows)') }}

    union all

    {{ cells('files', 'attachments', 'size_bytes', 'sender_bit',
        label="case when size_lower_bytes is null then 'unknown' end",
        holder=cell_holder('sender_bit'), n_rows='sum(n_rows)') }}

    union all

    {{ cells('media_messages', 'attachments', 'attachments_per_media_message', 'sender_bit',
        value='n_attachments', grid='count', holder=cell_holder('sender_bit'),
        n_rows='sum(n_rows)') }}

),

final as (

    {{ summed_cells('counted') }}

)

select * from final
