{#
Property: ids and pairs are unique, usernames and e-mail addresses too.
Reads: the synthetic source tables. Returns: one row per table with repeats, counts only.
#}
{{ config(tags=['layout'], enabled=on_generated_tables()) }}

with

repeats as (

    select
        'users' as table_name,
        greatest(
            count(*) - count(distinct id),
            count(*) - count(distinct username),
            count(*) - count(distinct email)
        ) as n_rows
    from {{ source('chat', 'users') }}

    union all

    select
        'conversations' as table_name,
        count(*) - count(distinct id) as n_rows
    from {{ source('chat', 'conversations') }}

    union all

    select
        'messages' as table_name,
        count(*) - count(distinct id) as n_rows
    from {{ source('chat', 'messages') }}

    union all

    select
        'attachments' as table_name,
        count(*) - count(distinct id) as n_rows
    from {{ source('chat', 'attachments') }}

    union all

    select
        'conversation_users' as table_name,
        count(*) as n_rows
    from (
        select 1 as is_repeated
        from {{ source('chat', 'conversation_users') }}
        group by "conversationId", "userId"
        having count(*) > 1
    ) as pairs

    union all

    select
        'message_reads' as table_name,
        count(*) as n_rows
    from (
        select 1 as is_repeated
        from {{ source('chat', 'message_reads') }}
        group by "messageId", "userId"
        having count(*) > 1
    ) as pairs

),

final as (

    select * from repeats
    where n_rows > 0

)

select * from final
