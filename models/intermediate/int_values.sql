{{ config(pre_hook=by_hash()) }}
{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

users as (

    select * from {{ ref('int_users') }}

),

conversations as (

    select * from {{ ref('int_conversations') }}
    where n_messages > 0

),

lengths as (

    select * from {{ ref('int_messages__lengths') }}

),

length_buckets as (

    select * from {{ ref('int_messages__length_buckets') }}

),

gap_values as (

    select * from {{ ref('int_messages__gap_values') }}

),

delays as (

    select * from {{ ref('int_read_receipts__delays') }}
    where delay_index is not null

),

{{ message_labels('length_buckets', k, limit) }},

typed_lengths as (

    {{ typed_lengths('lengths', 'content_length', 0) }}

),

-- Inside the boundary quantiles of types are read off their buckets.
final as (
    {%- for metric, value in [
        ('messages_per_user', 'n_messages'), ('conversations_per_user', 'n_conversations')
    ] %}

    select
        '{{ metric }}' as metric,
        'all' as segment,
        cast({{ value }} as float8) as value,
        cast(null as bigint) as holder,
        cast(1 as bigint) as n_rows,
        person_bit as people_sketch
    from users
    where {{ value }} > 0

    union all
    {%- endfor %}
    {%- for segment in ["'all'", 'conversation_type'] if k == 0 or segment == "'all'" %}

    select
        'messages_per_conversation' as metric,
        {{ segment }} as segment,
        cast(n_messages as float8) as value,
        {{ cell_holder('busiest_sketch', limit) }} as holder,
        cast(1 as bigint) as n_rows,
        people_sketch
    from conversations

    union all
    {%- endfor %}

    select
        'lifetime' as metric,
        'all' as segment,
        {{ significant('lifetime_seconds') }} as value,
        {{ cell_holder('busiest_sketch', limit) }} as holder,
        cast(1 as bigint) as n_rows,
        senders_sketch as people_sketch
    from conversations

    union all
    {%- for segment in ["'all'", 'published_label'] if k == 0 or segment == "'all'" %}

    select
        'content_length' as metric,
        {{ segment }} as segment,
        cast(typed_length as float8) as value,
        holder,
        n_messages as n_rows,
        people_sketch
    from typed_lengths
    where typed_length is not null

    union all
    {%- endfor %}

    select
        'inter_arrival' as metric,
        'all' as segment,
        gap_kept_seconds as value,
        holder,
        n_gaps as n_rows,
        people_sketch
    from gap_values

    union all

    select
        'read_delay' as metric,
        'all' as segment,
        delay_kept_seconds as value,
        holder,
        n_receipts as n_rows,
        people_sketch
    from delays

)

select * from final
