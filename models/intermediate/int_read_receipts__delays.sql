{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

receipts as (

    select * from {{ ref('int_read_receipts') }}
    where delay_step is not null

),

steps as (

    select * from {{ ref('int_second_steps') }}

),

counted as (

    select
        delay_step,
        {{ cell_holder(slot_bit('reader_slot'), limit) }} as holder,
        sum(n_rows) as n_receipts,
        bit_or({{ slot_bit('reader_slot') }}) as people_sketch
    from receipts
    group by delay_step, holder

),

final as (

    select
        steps.bucket_index as delay_index,
        steps.delay_class,
        steps.kept_seconds as delay_kept_seconds,
        counted.holder,
        cast(sum(counted.n_receipts) as bigint) as n_receipts,
        bit_or(counted.people_sketch) as people_sketch
    from counted
    inner join steps on counted.delay_step = steps.step_index
    group by steps.bucket_index, steps.delay_class, steps.kept_seconds, counted.holder

)

select * from final
