{{ config(enabled=not is_private()) }}
with

delays as (

    select
        *,
        {{ bucket_lower('delay_index', 'minutes') }} as delay_lower_minutes
    from {{ ref('int_read_receipts__delay_buckets') }}

),

timed_delays as (

    select * from delays
    where delay_index is not null

),

messages as (

    select * from {{ ref('int_read_receipts__messages') }}
    -- Where nothing was ever read, the source keeps no receipts.
    where exists (select 1 from delays)

),

sample as (

    select * from {{ ref('int_messages__sample') }}

),

counted as (

    {#- Receipts of the messages looked at stand for those of all messages. #}
    {{ cells('delays', 'read_receipts', 'total_count', 'people_sketch', label="'total'",
        holder='holder',
        n_rows='round(sum(n_receipts) * 1048576.0 / (select sampled_below from sample))') }}

    union all

    {{ cells('timed_delays', 'read_receipts', 'delay_class', 'people_sketch', label='delay_class',
        holder='holder', n_rows='sum(n_receipts)') }}

    union all

    {{ cells('timed_delays', 'read_receipts', 'read_delay', 'people_sketch',
        value='delay_lower_minutes', grid='minutes', holder='holder', n_rows='sum(n_receipts)') }}

    union all

    {{ cells('messages', 'read_receipts', 'receipts_per_message', 'people_sketch',
        value='n_receipts', grid='count', holder='holder', n_rows='sum(n_messages)') }}

),

final as (

    {{ summed_cells('counted') }}

)

select * from final
