with

lengths as (

    select * from {{ ref('int_messages__lengths') }}

),

final as (

    select
        message_type,
        {{ bucket_index('content_length', 'characters') }} as length_index,
        holder,
        cast(sum(n_messages) as bigint) as n_messages,
        sum(cast(content_length as float8) * n_messages) as n_characters,
        bit_or(people_sketch) as people_sketch
    from lengths
    group by 1, 2, 3

)

select * from final
