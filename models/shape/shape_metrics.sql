{%- set forms = [
    'shape_totals', 'shape_categories', 'shape_buckets', 'shape_quantiles', 'shape_scalars',
    'shape_hours',
] -%}
{#- The planner's statistics are exact figures. -#}
{%- if not is_private() -%}{%- do forms.append('shape_columns') -%}{%- endif -%}
with

catalogue as (

    select * from {{ ref('metric_catalogue') }}

),

totals as (

    select * from {{ ref('shape_totals') }}

),

measured as (

    {%- for form in forms %}
    select * from {{ ref(form) }}
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}

),

-- An entity whose total is suppressed has nothing else to say.
kept as (

    select measured.*
    from measured
    inner join totals on measured.entity = totals.entity
    where measured.kind = 'total' or not totals.is_suppressed

),

-- What an entity that is there could not publish says so in one row.
missing as (

    select
        catalogue.entity,
        catalogue.metric,
        catalogue.kind,
        catalogue.unit
    from catalogue
    inner join totals on catalogue.entity = totals.entity
    left join kept
        on
            catalogue.entity = kept.entity
            and catalogue.metric = kept.metric
            and catalogue.kind = kept.kind
    where kept.entity is null

),

final as (

    select * from kept

    union all

    select
        entity,
        metric,
        'all' as segment,
        kind,
        cast(null as text) as label,
        cast(null as float8) as bucket_lower,
        cast(null as float8) as bucket_upper,
        cast(null as float8) as value,
        unit,
        cast(null as bigint) as n_rows,
        cast(null as integer) as n_people,
        cast(null as float8) as top_share,
        true as is_suppressed
    from missing

)

select * from final
