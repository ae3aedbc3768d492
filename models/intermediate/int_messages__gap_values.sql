with

gaps as (

    select * from {{ ref('int_messages__gaps') }}
    where gap_seconds is not null

),

final as (

    select
        {{ bucket_index('gap_seconds', 'seconds') }} as gap_index,
        {{ significant('gap_seconds') }} as gap_kept_seconds,
        count(*) as n_gaps,
        bit_or(person_bit) as people_sketch
    from gaps
    group by 1, 2

)

select * from final
