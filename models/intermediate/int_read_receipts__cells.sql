with

delays as (

    select * from {{ ref('int_read_receipts__delay_buckets') }}

),

messages as (

    select * from {{ ref('int_read_receipts__messages') }}
    -- Where nothing was ever read, the source keeps no receipts.
    where exists (select 1 from delays)

),

placed_delays as (

    select
        *,
        {{ bucket_lower('delay_index', 'minutes') }} as delay_lower_minutes
    from delays

),

final as (

    {{ value_cells(
        'placed_delays', 'read_receipts', 'read_delay', 'minutes', 'delay_lower_minutes',
        'minutes', 'people_sketch', n_rows='sum(n_receipts)',
        cut='delay_class', holder='holder'
    ) }}

    union all

    {{ value_cells(
        'messages', 'read_receipts', 'receipts_per_message', 'receipts', 'n_receipts', 'count',
        'people_sketch', n_rows='sum(n_messages)', holder='holder'
    ) }}

)

select * from final
