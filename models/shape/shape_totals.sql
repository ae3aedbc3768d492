{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
with

cells as (

    select
        *,
        {{ people_count('people_sketch') }} as n_people
    from {{ ref('int_released') }}
    where metric = 'total_count'

),

-- An entity without a row here has no data at all; one with a suppressed row has too little.
final as (

    select
        entity,
        metric,
        segment,
        'total' as kind,
        cast(null as text) as label,
        cast(null as float8) as bucket_lower,
        cast(null as float8) as bucket_upper,
        case when n_people >= {{ k }} then round(rows_released) end as value,
        'rows' as unit,
        case when n_people >= {{ k }} then cast(round(rows_released) as bigint) end as n_rows,
        case when n_people >= {{ k }} then n_people end as n_people,
        cast(null as float8) as top_share,
        n_people < {{ k }} as is_suppressed
    from cells

)

select * from final
