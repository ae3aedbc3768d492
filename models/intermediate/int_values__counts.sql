with

kept_values as (

    select * from {{ ref('int_values') }}

),

final as (

    select
        metric,
        segment,
        value,
        cast(sum(n_rows) as bigint) as n_rows,
        bit_or(people_sketch) as people_sketch
    from kept_values
    group by metric, segment, value

)

select * from final
