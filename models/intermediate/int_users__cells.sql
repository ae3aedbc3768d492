with

users as (

    select * from {{ ref('int_users') }}

),

active_users as (

    select * from users
    where n_messages > 0

),

attached_users as (

    select * from users
    where n_conversations > 0

),

final as (

    {{ value_cells(
        'users', 'users', 'username_length', 'characters', 'username_length', 'characters',
        'person_bit'
    ) }}

    union all

    {{ value_cells(
        'active_users', 'users', 'messages_per_user', 'messages', 'n_messages', 'count',
        'person_bit'
    ) }}

    union all

    {{ value_cells(
        'attached_users', 'users', 'conversations_per_user', 'conversations', 'n_conversations',
        'count', 'person_bit'
    ) }}

)

select * from final
