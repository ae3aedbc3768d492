{{ config(pre_hook=by_hash()) }}
{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
with

cells as (

    select * from {{ ref('int_users__cells') }}

    union all

    select * from {{ ref('int_conversations__cells') }}

    union all

    select * from {{ ref('int_conversations__joint_cells') }}

    union all

    select * from {{ ref('int_messages__cells') }}

    union all

    select * from {{ ref('int_read_receipts__cells') }}

    union all

    select * from {{ ref('int_attachments__cells') }}

),

types as (

    select
        entity,
        metric,
        segment,
        sum(n_rows) as n_rows,
        bit_or(people_sketch) as people_sketch
    from cells
    where is_by_type
    group by entity, metric, segment

),

-- Segment all minus the published types shows what the others have in common, so the types left
-- out must reach k together; where they do not, the smallest published one is left out as well.
smaller_types as (

    select
        entity,
        metric,
        segment,
        {{ people_count('people_sketch') }} as n_people,
        {{ people_count('bit_or(people_sketch) over smaller') }} as n_smaller_people,
        count(*) over smaller as n_smaller_types
    from types
    window smaller as (
        partition by entity, metric
        order by {{ people_count('people_sketch') }}, n_rows, segment
        rows between unbounded preceding and 1 preceding
    )

),

published_types as (

    select
        entity,
        metric,
        segment
    from smaller_types
    where n_people >= {{ k }} and (n_smaller_types = 0 or n_smaller_people >= {{ k }})

),

final as (

    select
        cells.entity,
        cells.metric,
        cells.unit,
        case when cells.is_by_type then 'all' else cells.segment end as segment,
        case
            when not cells.is_by_type then coalesce(cells.part, 'rest')
            when published_types.segment is not null then cells.segment
            else 'rest'
        end as part,
        cells.cut,
        cells.bucket_index,
        cells.bucket_lower,
        cells.bucket_upper,
        cells.holder,
        cells.n_rows,
        cells.people_sketch
    from cells
    left join published_types
        on
            cells.entity = published_types.entity
            and cells.metric = published_types.metric
            and cells.segment = published_types.segment
            and cells.is_by_type

    union all

    select
        cells.entity,
        cells.metric,
        cells.unit,
        cells.segment,
        coalesce(cells.part, 'rest') as part,
        cells.cut,
        cells.bucket_index,
        cells.bucket_lower,
        cells.bucket_upper,
        cells.holder,
        cells.n_rows,
        cells.people_sketch
    from cells
    inner join published_types
        on
            cells.entity = published_types.entity
            and cells.metric = published_types.metric
            and cells.segment = published_types.segment
    where cells.is_by_type

)

select * from final
