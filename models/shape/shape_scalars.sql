{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

shares as (

    select * from {{ ref('int_shares') }}

),

figures as (

    select * from {{ ref('int_figures') }}

),

share_support as (

    select
        *,
        {{ people_count('part_sketch') }} as n_part_people,
        {{ people_count('rest_sketch') }} as n_rest_people,
        {{ people_count('coalesce(part_sketch, 0) | coalesce(rest_sketch, 0)') }} as n_people
    from shares
    where whole > 0

),

-- A share needs support on both sides; all or nothing needs none on the empty one, unless that
-- is empty only because its rows were hidden.
supported_shares as (

    select
        *,
        n_people >= {{ k }}
        and (n_part_people >= {{ k }} or (part = 0 and not has_hidden))
        and (n_rest_people >= {{ k }} or part = whole)
        and coalesce(greatest(part_top_share, rest_top_share), 0) <= {{ limit }} as is_supported
    from share_support

),

-- Any two of the three give the third, so they are published together or not at all.
complete_shares as (

    select
        *,
        bool_and(is_supported) over (
            partition by entity, metric like '%_percentage'
        ) as is_complete
    from supported_shares

),

published as (

    select
        entity,
        metric,
        segment,
        label,
        part / whole * case when metric like '%_percentage' then 100 else 1 end as value,
        case when metric like '%_percentage' then 'percent' else 'share' end as unit,
        n_rows,
        case
            when part = 0 or part = whole then n_people
            else least(n_part_people, n_rest_people)
        end as n_people,
        greatest(part_top_share, rest_top_share) as top_share
    from complete_shares
    where case when metric like '%_percentage' then is_complete else is_supported end

    union all

    select
        entity,
        metric,
        segment,
        label,
        value,
        unit,
        n_rows,
        n_people,
        top_share
    from figures
    where
        value is not null
        and n_people >= {{ k }}
        and coalesce(top_share, 0) <= {{ limit }}

),

final as (

    select
        entity,
        metric,
        segment,
        'scalar' as kind,
        label,
        cast(null as float8) as bucket_lower,
        cast(null as float8) as bucket_upper,
        cast(value as float8) as value,
        unit,
        n_rows,
        n_people,
        top_share,
        false as is_suppressed
    from published

)

select * from final
