with

users as (

    select * from {{ ref('stg_chat__users') }}

),

members as (

    select * from {{ ref('stg_chat__members') }}

),

senders as (

    {%- if is_private() %}
    -- Counted before any bound: a person is one row of these figures.
    select
        sender_id,
        1 as n_messages
    from {{ ref('int_messages') }}
    {%- else %}
    select * from {{ ref('int_conversations__senders') }}
    {%- endif %}

),

memberships as (

    select
        user_id,
        count(*) as n_conversations
    from members
    group by user_id

),

sent as (

    select
        sender_id as user_id,
        cast(sum(n_messages) as bigint) as n_messages
    from senders
    group by sender_id

),

final as (

    select
        users.*,
        {{ person_bit('users.user_id') }} as person_bit,
        coalesce(memberships.n_conversations, 0) as n_conversations,
        coalesce(sent.n_messages, 0) as n_messages
    from users
    left join memberships on users.user_id = memberships.user_id
    left join sent on users.user_id = sent.user_id

)

select * from final
