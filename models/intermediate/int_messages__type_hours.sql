{%- set keys = {
    'type_number': 'type_number',
    'hour_of_week': 'cast((cast(floor(sent_epoch / 3600) as bigint) + 72) % 168 as integer)',
} -%}
{%- if is_private() -%}{%- do keys.update({'is_hourly': 'is_hourly'}) -%}{%- endif -%}
with

messages as (

    select * from {{ bounded('int_messages', 'int_messages__bounded', 'is_counted') }}

),

types as (

    select * from {{ ref('int_message_types') }}

),

-- Hour 0 of the week is Monday 00:00; hour 0 of the epoch was a Thursday 00:00.
counted as (

    {{ held_counts('messages', keys, 'n_messages') }}

),

final as (

    select
        ((select types.labels from types))[type_number] as message_type,
        hour_of_week,
        {%- if is_private() %}
        is_hourly,
        {%- endif %}
        holder,
        n_messages,
        people_sketch
    from counted

)

select * from final
