{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

catalogue as (

    select * from {{ ref('metric_catalogue') }}
    where kind = 'category'

),

cells as (

    select
        released.entity,
        released.metric,
        released.label,
        released.n_rows,
        released.rows_released,
        released.people_sketch,
        released.top_rows,
        {{ is_supported(
            'released.n_rows', 'released.people_sketch', 'released.top_rows', k, limit
        ) }} as is_supported
    from {{ ref('int_released') }} as released
    inner join catalogue
        on released.entity = catalogue.entity and released.metric = catalogue.metric

),

-- Rare labels together are OTHER; where they are too few even so, they join the largest label.
sheltered as (

    select
        entity,
        metric,
        label,
        n_rows,
        rows_released,
        people_sketch,
        top_rows,
        case
            when is_supported and label != 'OTHER' then label
            when
                {{ is_supported(
                    'sum(n_rows) over others', 'bit_or(people_sketch) over others',
                    'sum(top_rows) over others', k, limit
                ) }}
                then 'OTHER'
            {%- if is_private() %}
            -- Where the largest label has noise as the others have, it is nobody's shelter.
            else label
            {%- else %}
            else
                first_value(label) over (
                    partition by entity, metric
                    order by is_supported desc, label = 'OTHER' asc, n_rows desc, label asc
                )
            {%- endif %}
        end as published_label
    from cells
    window others as (partition by entity, metric, is_supported and label != 'OTHER')

),

folded as (

    select
        entity,
        metric,
        published_label,
        sum(n_rows) as n_rows,
        sum(rows_released) as rows_released,
        bit_or(people_sketch) as people_sketch,
        sum(top_rows) as top_rows
    from sheltered
    group by entity, metric, published_label

),

{%- if is_private() %}

-- What stands out may be a small part of what is there.
covered as (

    select
        entity,
        metric
    from folded
    group by entity, metric
    having
        sum(rows_released) filter (where {{ is_supported('n_rows', 'people_sketch', 'top_rows', k, limit) }})
        >= {{ var('dp_covered') }} * sum(rows_released)

),
{%- endif %}

-- Where even the largest label is not supported, the metric is not published.
final as (

    select
        entity,
        metric,
        'all' as segment,
        'category' as kind,
        published_label as label,
        cast(null as float8) as bucket_lower,
        cast(null as float8) as bucket_upper,
        rows_released / sum(rows_released) over (partition by entity, metric) as value,
        'share' as unit,
        cast(round(rows_released) as bigint) as n_rows,
        {{ people_count('people_sketch') }} as n_people,
        {{ top_share('top_rows', 'n_rows') }} as top_share,
        false as is_suppressed
    from folded
    where {{ is_supported('n_rows', 'people_sketch', 'top_rows', k, limit) }} and rows_released > 0
    {%- if is_private() %}
    and (entity, metric) in (select covered.entity, covered.metric from covered)
    {%- endif %}

)

select * from final
