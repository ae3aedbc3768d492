{{ config(enabled=not is_private(), materialized='ephemeral') }}
with

receipts as (

    select * from {{ ref('int_read_receipts') }}
    where delay_step is not null

),

steps as (

    select * from {{ ref('int_second_steps') }}

),

final as (

    select
        steps.bucket_index as delay_index,
        steps.delay_class,
        steps.kept_seconds as delay_kept_seconds,
        {{ cell_holder(slot_bit('receipts.reader_slot')) }} as holder,
        receipts.n_rows as n_receipts,
        {{ slot_bit('receipts.reader_slot') }} as people_sketch
    from receipts
    inner join steps on receipts.delay_step = steps.step_index

)

select * from final
