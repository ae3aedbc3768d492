with

conversations as (

    select * from {{ ref('stg_chat__conversations') }}

),

members as (

    select * from {{ bounded('stg_chat__members', 'int_memberships__bounded', 'is_member') }}

),

senders as (

    select * from {{ ref('int_conversations__senders') }}

),

member_totals as (

    select
        conversation_id,
        count(*) as n_members,
        bit_or({{ person_bit('user_id') }}) as members_sketch
    from members
    group by conversation_id

),

sender_totals as (

    select
        conversation_id,
        count(sender_id) as n_senders,
        cast(sum(n_messages) as bigint) as n_messages,
        -- The busiest sender's messages and slot in one number, so that one pass finds both.
        max(n_messages * 64 + {{ person_slot('sender_id') }}) as busiest_code,
        bit_or({{ person_bit('sender_id') }}) as senders_sketch,
        min(first_epoch) as first_epoch,
        max(last_epoch) as last_epoch
    from senders
    group by conversation_id

),

final as (

    select
        conversations.conversation_id,
        conversations.conversation_type,
        coalesce(member_totals.members_sketch, 0)
        | coalesce(sender_totals.senders_sketch, 0) as people_sketch,
        coalesce(sender_totals.senders_sketch, 0) as senders_sketch,
        -- What a busiest sender's share says, it says of that one person.
        coalesce(
            cast(1 as bigint) << cast(sender_totals.busiest_code & 63 as integer), 0
        ) as busiest_sketch,
        coalesce(member_totals.n_members, 0) as n_members,
        coalesce(sender_totals.n_messages, 0) as n_messages,
        coalesce(sender_totals.n_senders, 0) as n_senders,
        sender_totals.busiest_code >> 6 as n_busiest_messages,
        sender_totals.first_epoch,
        sender_totals.last_epoch
    from conversations
    left join member_totals on conversations.conversation_id = member_totals.conversation_id
    left join sender_totals on conversations.conversation_id = sender_totals.conversation_id
    {%- if is_private() %}
    -- One that nobody kept may be there for a single person.
    where num_nonnulls(member_totals.conversation_id, sender_totals.conversation_id) > 0
    {%- endif %}

)

select * from final
