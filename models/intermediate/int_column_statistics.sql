{{ config(enabled=not is_private()) }}
{#- Values whose frequencies are summed: the people a sketch of 64 bits can certify. -#}
{%- set n_common = 64 -%}
with

statistics as (

    select * from {{ ref('stg_chat__column_statistics') }}

),

totals as (

    select * from {{ ref('shape_totals') }}

),

named as (

    select
        case
            when relation_name = 'members' then 'conversations' else relation_name
        end as entity,
        case when relation_name = 'members' then 'member_' else '' end || column_name as label,
        relation_name,
        column_name,
        n_rows,
        least(
            case when n_distinct < 0 then -n_distinct * n_rows else n_distinct end, n_rows
        ) as n_values,
        heap_correlation,
        coalesce(cardinality(common_shares), 0) as n_common_values,
        (
            select coalesce(sum(common.share), 0)
            from unnest(common_shares) with ordinality as common (share, position)
            where common.position <= {{ n_common }}
        ) as common_share,
        coalesce(common_shares[1], 0) as largest_share
    from statistics

),

final as (

    select
        named.entity,
        named.label,
        named.n_rows,
        named.n_values,
        named.heap_correlation,
        named.common_share,
        -- People or rooms: the others are keys of a row.
        named.column_name in ('sender_id', 'user_id', 'reader_id', 'conversation_id')
        and named.relation_name not in ('users', 'conversations') as is_reference,
        -- One frequency is one person's or one room's, so only the sum of the largest is published,
        -- where there are as many other values and none holds more than half of the sum.
        named.n_common_values >= {{ n_common }}
        and named.n_values >= 2 * {{ n_common }}
        and named.largest_share <= named.common_share / 2 as is_common_supported,
        totals.n_people,
        -- The statistics are of the whole table, the shape of a window of it.
        named.relation_name in ('users', 'conversations', 'members')
        or named.n_rows <= totals.n_rows * 1.25 as is_covered
    from named
    inner join totals on named.entity = totals.entity
    where not totals.is_suppressed

)

select * from final
