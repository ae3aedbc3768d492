{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{#- As in int_column_statistics. -#}
{%- set n_common = 64 -%}
with

columns as (

    select * from {{ ref('int_column_statistics') }}

),

read_rate as (

    select count(*) > 0 as is_published
    from {{ ref('shape_scalars') }}
    where metric = 'read_rate'

),

-- Of a column that refers to people or rooms, the values that never occur are a number too: fewer
-- than k of them count as occurring, as in the shares of silent users and of empty conversations.
recoded as (

    select
        columns.*,
        case
            when
                {{ k }} > 0
                and (
                    columns.has_recoded
                    or columns.n_domain - columns.n_values between 1 and {{ k }} - 1
                )
                then columns.n_domain
            else columns.n_values
        end / columns.n_rows as distinct_share
    from columns

),

figures as (

    select
        'column_distinct' as metric,
        entity,
        label,
        least(distinct_share, 1) as value,
        'share' as unit,
        n_rows,
        n_people
    from recoded
    where
        label != 'sent_at'
        and is_covered
        -- How many messages nobody read stands beside read_rate or nowhere; how many media
        -- messages lack their file stands nowhere.
        and (
            not is_reference_to_message
            or (entity = 'read_receipts' and (select read_rate.is_published from read_rate))
        )

    union all

    select
        'heap_correlation' as metric,
        entity,
        label,
        heap_correlation as value,
        'coefficient' as unit,
        n_rows,
        n_people
    from recoded
    where entity in ('messages', 'read_receipts', 'attachments')

    union all

    -- Never one frequency, which is one person's or one room's, but the sum of the largest; with
    -- k people in them and as many values besides, and no one holding more than half of it.
    select
        'common_share' as metric,
        entity,
        label,
        common_share as value,
        'share' as unit,
        n_rows,
        n_common_people as n_people
    from recoded
    where
        n_domain is not null
        and is_covered
        and (
            {{ k }} = 0
            or (
                n_common_values >= {{ n_common }}
                and n_values >= {{ n_common }} + {{ k }}
                and largest_share <= common_share / 2
            )
        )

),

final as (

    select
        entity,
        metric,
        'all' as segment,
        'scalar' as kind,
        label,
        cast(null as float8) as bucket_lower,
        cast(null as float8) as bucket_upper,
        cast(value as float8) as value,
        unit,
        cast(round(n_rows) as bigint) as n_rows,
        n_people,
        cast(null as float8) as top_share,
        false as is_suppressed
    from figures
    where value is not null and n_people >= {{ k }}

)

select * from final
