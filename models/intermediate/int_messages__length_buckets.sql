with

lengths as (

    select * from {{ ref('int_messages__lengths') }}

),

final as (

    select
        message_type,
        {{ bucket_lower(bucket_index('content_length', 'characters'), 'characters') }}
            as lower_characters,
        holder,
        cast(sum(n_messages) as bigint) as n_messages,
        bit_or(people_sketch) as people_sketch
    from lengths
    group by 1, 2, 3

)

select * from final
