{{ config(enabled=is_private()) }}
with

members as (

    select * from {{ ref('stg_chat__members') }}

),

messages as (

    select * from {{ ref('int_messages') }}

),

secret as (

    select * from {{ ref('int_secret') }}

),

pairs as (

    select
        conversation_id,
        user_id,
        true as is_member
    from members

    union all

    select distinct
        conversation_id,
        sender_id as user_id,
        false as is_member
    from messages

),

-- One row per person and conversation, however they are in it. Rows of nobody are left out.
attached as (

    select
        conversation_id,
        user_id,
        bool_or(is_member) as is_member
    from pairs
    where conversation_id is not null and user_id is not null
    group by conversation_id, user_id

),

-- By the conversation alone, so that people tend to keep the same ones, and these whole.
ordered as (

    select
        *,
        row_number() over (
            partition by user_id order by {{ keyed_order('conversation_id') }}, conversation_id
        ) as place
    from attached

),

final as (

    select
        conversation_id,
        user_id,
        is_member
    from ordered
    where place <= {{ var('dp_contributions')['conversations'] }}

)

select * from final
