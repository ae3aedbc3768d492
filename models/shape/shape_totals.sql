{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set is_told = 'n_people >= ' ~ k -%}
{%- if is_private() -%}
    {%- set is_told = is_supported('n_rows', 'people_sketch', 'top_rows', k, 1) -%}
{%- endif -%}
with

cells as (

    {%- if is_private() %}
    -- Whether an entity has any data is not told either.
    select
        catalogue.entity,
        catalogue.metric,
        'all' as segment,
        coalesce(released.n_rows, 0) as n_rows,
        coalesce(released.rows_released, 0) as rows_released,
        released.people_sketch,
        coalesce(released.top_rows, 0) as top_rows,
        cast(null as integer) as n_people
    from {{ ref('metric_catalogue') }} as catalogue
    left join {{ ref('int_released') }} as released
        on catalogue.entity = released.entity and catalogue.metric = released.metric
    where catalogue.kind = 'total'
    {%- else %}
    select
        *,
        {{ people_count('people_sketch') }} as n_people
    from {{ ref('int_released') }}
    where metric = 'total_count'
    {%- endif %}

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
        case when {{ is_told }} then round(rows_released) end as value,
        'rows' as unit,
        case when {{ is_told }} then cast(round(rows_released) as bigint) end as n_rows,
        case when {{ is_told }} then n_people end as n_people,
        cast(null as float8) as top_share,
        not {{ is_told }} as is_suppressed
    from cells

)

select * from final
