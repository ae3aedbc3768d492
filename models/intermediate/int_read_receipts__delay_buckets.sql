{{ config(enabled=not is_private(), pre_hook=by_hash()) }}
with

delays as (

    select * from {{ ref('int_read_receipts__delays') }}

),

final as (

    select
        delay_index,
        delay_class,
        holder,
        cast(sum(n_receipts) as bigint) as n_receipts,
        bit_or(people_sketch) as people_sketch
    from delays
    group by delay_index, delay_class, holder

)

select * from final
