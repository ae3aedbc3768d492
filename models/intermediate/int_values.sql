{{ config(enabled=not is_private(), pre_hook=by_hash()) }}
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

gap_values as (

    select * from {{ ref('int_messages__gap_values') }}

),

delays as (

    select * from {{ ref('int_read_receipts__delays') }}
    where delay_index is not null

),

valued as (
    {%- for relation, metric, segment, value, n_rows in [
        ('users', 'messages_per_user', "'all'", 'nullif(n_messages, 0)', '1'),
        ('users', 'conversations_per_user', "'all'", 'nullif(n_conversations, 0)', '1'),
        ('conversations', 'messages_per_conversation', "'all'", 'n_messages', '1'),
        ('conversations', 'messages_per_conversation', 'conversation_type', 'n_messages', '1'),
        ('conversations', 'lifetime', "'all'", significant('lifetime_seconds'), '1'),
        ('lengths', 'content_length', "'all'", 'content_length', 'n_messages'),
        ('lengths', 'content_length', 'message_type', 'content_length', 'n_messages'),
        ('gap_values', 'inter_arrival', "'all'", 'gap_kept_seconds', 'n_gaps'),
        ('delays', 'read_delay', "'all'", 'delay_kept_seconds', 'n_receipts'),
    ] %}
    {%- if not loop.first %}

    union all
    {%- endif %}

    select
        '{{ metric }}' as metric,
        {{ segment }} as segment,
        cast({{ value }} as float8) as value,
        {{ n_rows }} as n_rows
    from {{ relation }}
    {%- endfor %}

),

final as (

    select
        metric,
        segment,
        value,
        cast(sum(n_rows) as bigint) as n_rows
    from valued
    where value is not null
    group by metric, segment, value

)

select * from final
