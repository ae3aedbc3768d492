with

gap_values as (

    select * from {{ ref('int_messages__gap_values') }}

),

final as (

    select
        {{ bucket_lower('gap_index', 'seconds') }} as gap_lower_seconds,
        holder,
        cast(sum(n_gaps) as bigint) as n_gaps,
        bit_or(people_sketch) as people_sketch
    from gap_values
    group by gap_index, holder

)

select * from final
