{{ config(pre_hook=by_hash()) }}
with

cells as (

    select * from {{ ref('int_cells') }}

),

merged as (

    select * from {{ ref('int_bucket_groups__nested') }}

    union all

    select * from {{ ref('int_bucket_groups__alone') }}

),

-- One number stands for segment and group, so that many rows are grouped by numbers.
numbered as (

    select
        *,
        dense_rank() over (
            order by entity, metric, segment, group_index
        ) as group_number
    from merged

),

held as (

    select
        numbered.group_number,
        cells.holder,
        min(cells.bucket_lower) as bucket_lower,
        max(cells.bucket_upper) as bucket_upper,
        cast(sum(cells.n_rows) as bigint) as n_rows,
        bit_or(cells.people_sketch) as people_sketch
    from cells
    inner join numbered using (entity, metric, segment, bucket_index)
    group by numbered.group_number, cells.holder

),

groups as (

    select
        group_number,
        min(bucket_lower) as bucket_lower,
        max(bucket_upper) as bucket_upper,
        cast(sum(n_rows) as bigint) as n_rows,
        {{ people_count('bit_or(people_sketch)') }} as n_people,
        {{ top_share('holder') }} as top_share
    from held
    group by group_number

),

named as (

    select distinct
        entity,
        metric,
        segment,
        group_number
    from numbered

),

units as (

    select distinct
        entity,
        metric,
        unit
    from cells

),

buckets as (

    select
        named.entity,
        named.metric,
        named.segment,
        units.unit,
        groups.bucket_lower,
        groups.bucket_upper,
        groups.n_rows,
        groups.n_people,
        groups.top_share
    from groups
    inner join named using (group_number)
    inner join units using (entity, metric)

),

final as (

    select
        entity,
        metric,
        segment,
        'bucket' as kind,
        cast(null as text) as label,
        bucket_lower,
        bucket_upper,
        cast(
            n_rows / sum(n_rows) over (partition by entity, metric, segment) as float8
        ) as value,
        unit,
        n_rows,
        n_people,
        top_share,
        false as is_suppressed
    from buckets

)

select * from final
