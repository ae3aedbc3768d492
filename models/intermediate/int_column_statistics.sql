{#- Values whose frequencies are summed: the people a sketch of 64 bits can certify. -#}
{%- set n_common = 64 -%}
with

statistics as (

    select * from {{ ref('stg_chat__column_statistics') }}

),

users as (

    select * from {{ ref('int_users') }}

),

conversations as (

    select * from {{ ref('int_conversations') }}

),

totals as (

    select * from {{ ref('shape_totals') }}

),

named as (

    select
        case
            when statistics.relation_name = 'members' then 'conversations'
            else statistics.relation_name
        end as entity,
        case when statistics.relation_name = 'members' then 'member_' else '' end
        || statistics.column_name as label,
        statistics.column_name = 'message_id'
        and statistics.relation_name in ('read_receipts', 'attachments') as is_reference_to_message,
        statistics.relation_name,
        statistics.n_rows,
        least(
            case
                when statistics.n_distinct < 0 then -statistics.n_distinct * statistics.n_rows
                else statistics.n_distinct
            end,
            statistics.n_rows
        ) as n_values,
        statistics.heap_correlation,
        coalesce(cardinality(statistics.common_shares), 0) as n_common_values,
        (
            select coalesce(sum(common.share), 0)
            from unnest(statistics.common_shares) with ordinality as common (share, position)
            where common.position <= {{ n_common }}
        ) as common_share,
        coalesce(statistics.common_shares[1], 0) as largest_share
    from statistics

),

-- What the values of a column are taken from, and whom the most common ones show.
user_facts as (

    select
        count(*) as n_values,
        false as has_recoded,
        {{ n_common }} as n_people
    from users

),

conversation_facts as (

    select
        count(*) as n_values,
        bool_or(is_recoded) as has_recoded
    from conversations

),

largest_by_messages as (

    select people_sketch
    from conversations
    order by n_messages desc, conversation_id asc
    limit {{ n_common }}

),

largest_by_members as (

    select people_sketch
    from conversations
    order by n_members desc, conversation_id asc
    limit {{ n_common }}

),

domains as (

    select
        name.label,
        user_facts.n_values,
        user_facts.has_recoded,
        user_facts.n_people
    from user_facts
    cross join (values ('sender_id'), ('member_user_id'), ('reader_id')) as name (label)

    union all

    select
        'conversation_id' as label,
        conversation_facts.n_values,
        conversation_facts.has_recoded,
        (select {{ people_count('bit_or(people_sketch)') }} from largest_by_messages) as n_people
    from conversation_facts

    union all

    select
        'member_conversation_id' as label,
        conversation_facts.n_values,
        conversation_facts.has_recoded,
        (select {{ people_count('bit_or(people_sketch)') }} from largest_by_members) as n_people
    from conversation_facts

),

final as (

    select
        named.entity,
        named.label,
        named.n_rows,
        named.n_values,
        named.heap_correlation,
        named.common_share,
        named.largest_share,
        named.n_common_values,
        named.is_reference_to_message,
        domains.n_values as n_domain,
        coalesce(domains.has_recoded, false) as has_recoded,
        domains.n_people as n_common_people,
        totals.n_people,
        -- The statistics are of the whole table, the shape of a window of it.
        named.relation_name in ('users', 'conversations', 'members')
        or named.n_rows <= totals.n_rows * 1.25 as is_covered
    from named
    inner join totals on named.entity = totals.entity
    -- A key is its own domain.
    left join domains
        on
            named.label = domains.label
            and not (named.relation_name = 'conversations' and named.label = 'conversation_id')
    where not totals.is_suppressed

)

select * from final
