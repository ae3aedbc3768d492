{%- set window_days = per_target(var('window_days'), target.name) -%}
with

receipts as (

    select * from {{ ref('stg_chat__read_receipts') }}

),

messages as (

    select * from {{ ref('stg_chat__messages') }}

),

sample_window as (

    select * from {{ ref('int_window') }}

),

-- A query with a CTE of its own stays a unit: the delay is worked out once for a row, and the
-- planner groups by columns it knows nothing of. From the times behind them it would expect a group
-- for each row, and not aggregate in parallel.
delays as (

    with

    joined as (

        select
            receipts.reader_id,
            receipts.read_at,
            messages.sent_at
        from receipts
        inner join messages on receipts.message_id = messages.message_id
        where {{ window_filter('messages.sent_at', 'sample_window', window_days, var('as_of')) }}

    )

    select
        {{ person_bit('reader_id') }} as person_bit,
        greatest({{ epoch_seconds('read_at') }} - {{ epoch_seconds('sent_at') }}, 0)
            as delay_seconds
    from joined

),

final as (

    select
        {{ bucket_index('delay_seconds', 'seconds') }} as delay_index,
        case
            when delay_seconds < 60 then 'immediate'
            when delay_seconds <= 3600 then 'near_term'
            else 'delayed'
        end as delay_class,
        {{ significant('delay_seconds') }} as delay_kept_seconds,
        count(*) as n_receipts,
        bit_or(person_bit) as people_sketch
    from delays
    group by 1, 2, 3

)

select * from final
