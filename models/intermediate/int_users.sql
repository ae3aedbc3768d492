{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
with

users as (

    select * from {{ ref('stg_chat__users') }}

),

members as (

    select * from {{ ref('stg_chat__members') }}

),

senders as (

    select * from {{ ref('int_conversations__senders') }}

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

joined as (

    select
        users.*,
        {{ person_bit('users.user_id') }} as person_bit,
        coalesce(memberships.n_conversations, 0) as n_conversations,
        coalesce(sent.n_messages, 0) as n_messages
    from users
    left join memberships on users.user_id = memberships.user_id
    left join sent on users.user_id = sent.user_id

),

support as (

    select
        {{ people_count('bit_or(person_bit) filter (where n_messages = 0)') }} >= {{ k }}
        and {{ people_count('bit_or(person_bit) filter (where n_messages > 0)') }} >= {{ k }}
            as is_silent_published,
        {{ people_count('bit_or(person_bit) filter (where n_conversations = 0)') }} >= {{ k }}
        and {{ people_count('bit_or(person_bit) filter (where n_conversations > 0)') }} >= {{ k }}
            as is_unattached_published,
        {{ people_count('bit_or(person_bit) filter (where device_label is null)') }} >= {{ k }}
            as is_no_device_published,
        {{ people_count('bit_or(person_bit) filter (where username_length is null)') }} >= {{ k }}
            as is_no_username_published
    from joined

),

-- Too few silent users to be published count as users of one message, the class next to them;
-- otherwise total minus histogram would give them away. So do unattached ones, those without a
-- device (as another one) and those without a name (as the shortest).
final as (

    select
        joined.user_id,
        case
            when joined.device_label is null and not support.is_no_device_published then 'OTHER'
            else joined.device_label
        end as device_label,
        joined.person_bit,
        case
            when joined.username_length is null and not support.is_no_username_published then 0
            else joined.username_length
        end as username_length,
        joined.has_avatar,
        joined.has_bio,
        joined.has_phone,
        joined.has_display_name,
        joined.n_messages = 0 as is_silent,
        joined.n_messages = 0 and not support.is_silent_published as is_silent_recoded,
        joined.n_conversations = 0 as is_unattached,
        joined.n_conversations = 0
        and not support.is_unattached_published as is_unattached_recoded,
        case
            when joined.n_messages = 0 and not support.is_silent_published then 1
            else joined.n_messages
        end as n_messages,
        case
            when joined.n_conversations = 0 and not support.is_unattached_published then 1
            else joined.n_conversations
        end as n_conversations
    from joined
    cross join support

)

select * from final
