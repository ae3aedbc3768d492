{#
Property: every conversation has members of known roles, one of whom owns it; every membership has
its conversation and its user, and is as young as either.
Reads: the synthetic source tables. Returns: one row per broken rule, counts only.
#}
{{ config(tags=['layout'], enabled=on_generated_tables()) }}

with

rooms as (

    select
        members."conversationId" as conversation_id,
        count(*) filter (where members.role = 'OWNER') as n_owners,
        count(*) filter (
            where members.role not in ('OWNER', 'ADMIN', 'MEMBER') or members.role is null
        ) as n_unknown,
        count(*) filter (where users.id is null) as n_without_user,
        count(*) filter (where members."joinedAt" < users."createdAt") as n_before_user,
        min(members."joinedAt") as first_at
    from {{ source('chat', 'conversation_users') }} as members
    left join {{ source('chat', 'users') }} as users on members."userId" = users.id
    group by members."conversationId"

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
        'members_without_conversation' as rule,
        count(*) as n_rows
    from rooms
    left join {{ source('chat', 'conversations') }} as conversations
        on rooms.conversation_id = conversations.id
    where conversations.id is null

    union all

    select
        'members_without_user' as rule,
        coalesce(sum(n_without_user), 0) as n_rows
    from rooms

    union all

    select
        'joined_before_account' as rule,
        coalesce(sum(n_before_user), 0) as n_rows
    from rooms

    union all

    select
        'joined_before_conversation' as rule,
        count(*) as n_rows
    from rooms
    inner join {{ source('chat', 'conversations') }} as conversations
        on rooms.conversation_id = conversations.id
    where rooms.first_at < conversations."createdAt"

),

final as (

    select * from broken
    where n_rows > 0

)

select * from final
