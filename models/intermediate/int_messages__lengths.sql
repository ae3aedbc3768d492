with

messages as (

    select * from {{ bounded('int_messages', 'int_messages__bounded', 'is_counted') }}

),

types as (

    select * from {{ ref('int_message_types') }}

),

-- By number, since labels are compared more slowly.
counted as (

    {{ held_counts(
        'messages', {'type_number': 'type_number', 'content_length': 'content_length'},
        'n_messages'
    ) }}

),

final as (

    select
        ((select types.labels from types))[type_number] as message_type,
        content_length,
        holder,
        n_messages,
        people_sketch
    from counted

)

select * from final
