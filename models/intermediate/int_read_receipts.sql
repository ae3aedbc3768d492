{{ config(enabled=not is_private(), pre_hook=in_message_order()) }}
with

sample as (

    select * from {{ ref('int_messages__sample') }}

),

receipts as (

    select * from {{ ref('stg_chat__read_receipts') }}
    where {{ is_sampled('message_id', 'sample') }}

),

messages as (

    select * from {{ ref('int_messages') }}
    where {{ is_sampled('message_id', 'sample') }}

),

steps as (

    select * from {{ ref('int_second_steps') }}

),

-- Message by message, so that one pass knows each delay and how many readers a message had.
numbered as (

    select
        messages.sender_slot,
        messages.sent_epoch,
        receipts.reader_id,
        receipts.read_at,
        receipts.message_id is not null as is_read,
        row_number() over by_message as receipt_number,
        lead(messages.message_id) over by_message is null as is_last
    from messages
    left join receipts on messages.message_id = receipts.message_id
    window by_message as (partition by messages.message_id)

),

placed as (

    select
        case
            when is_read
                then width_bucket(
                    {{ epoch_seconds('read_at') }} - sent_epoch, {{ second_steps('steps') }}
                )
        end as delay_step,
        cast(case when is_last and is_read then receipt_number when is_last then 0 end as integer)
            as n_receipts,
        cast({{ person_slot('reader_id') }} as smallint) as reader_slot,
        sender_slot
    from numbered

),

-- Counted at once, delays by reader and numbers of receipts by sender: millions of rows would
-- be written to be counted again.
final as (

    select
        delay_step,
        n_receipts,
        reader_slot,
        sender_slot,
        count(*) as n_rows
    from placed
    group by grouping sets ((delay_step, reader_slot), (n_receipts, sender_slot))
    having delay_step is not null or n_receipts is not null

)

select * from final
