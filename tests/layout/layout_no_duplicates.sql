{#
Property: ids and pairs are unique, usernames and e-mail addresses too. Where the key is a valid
primary key the server has proved it and nothing is read; else (tables without keys, messages in
partitions) the rows are counted.
Reads: the catalog, the synthetic source tables. Returns: one row per table with repeats, counts only.
#}
{{ config(tags=['layout'], enabled=on_generated_tables()) }}
{%- set keys = {
    'users': ['id'],
    'conversations': ['id'],
    'conversation_users': ['conversationId', 'userId'],
    'messages': ['id'],
    'attachments': ['id'],
    'message_reads': ['messageId', 'userId'],
} %}

with

names as (

    select
        count(*) as n_users,
        count(distinct username) as n_usernames,
        count(distinct email) as n_addresses
    from {{ source('chat', 'users') }}

),

repeats as (

    select
        'users by name' as table_name,
        greatest(n_users - n_usernames, n_users - n_addresses) as n_rows
    from names

    {%- for table_name, key in keys.items() %}

    union all

    select
        '{{ table_name }}' as table_name,
        count(*) as n_rows
    from (
        select 1 as is_repeated
        from {{ source('chat', table_name) }}
        -- Without a column, so it is asked once, before the first row.
        where not (select {{ is_primary_key(source('chat', table_name), key) }})
        group by "{{ key | join('", "') }}"
        having count(*) > 1
    ) as repeated_keys
    {%- endfor %}

),

final as (

    select * from repeats
    where n_rows > 0

)

select * from final
