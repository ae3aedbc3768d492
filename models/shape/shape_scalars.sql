{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
with

figures as (

    select * from {{ ref('int_figures') }}

),

published as (

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
    from {{ ref('int_shares') }}

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
    where {{ 'n_rows' if is_private() else 'n_people' }} >= {{ k }}

)

select * from final
