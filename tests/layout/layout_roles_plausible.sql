{#
Property: every conversation has members of known roles, one of whom owns it; whoever writes is active.
Reads: the synthetic source tables. Returns: one row per broken rule, counts only.
#}
{{ config(tags=['layout'], enabled=on_generated_tables()) }}

with

rooms as (

    select
        "conversationId" as conversation_id,
        count(*) filter (where role = 'OWNER') as n_owners,
        count(*) filter (where role not in ('OWNER', 'ADMIN', 'MEMBER') or role is null)
            as n_unknown
    from {{ source('chat', 'conversation_users') }}
    group by "conversationId"

),

broken as (

    select
        'conversation_without_one_owner' as rule,
        count(*) as n_rows
    from {{ source('chat', 'conversations') }} as conversations
    left join rooms on conversations.id = rooms.conversation_id
    where rooms.n_owners is distinct from 1 or rooms.n_unknown <> 0

    union all

    select
        'sender_is_not_active' as rule,
        count(*) as n_rows
    from {{ source('chat', 'messages') }} as messages
    inner join {{ source('chat', 'conversation_users') }} as members
        on
            messages."conversationId" = members."conversationId"
            and messages."senderId" = members."userId"
    where members."isActive" is not true

),

final as (

    select * from broken
    where n_rows > 0

)

select * from final
