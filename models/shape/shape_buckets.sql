{{ config(pre_hook=by_hash()) }}
{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
{#- A name that no metric has, where nothing is withheld. -#}
{%- set withheld = (var('withheld_marginals') if k > 0 else []) or ['none'] -%}
with

cells as (

    select * from {{ ref('int_cells') }}
    where metric not in ('{{ withheld | join("', '") }}')

),

-- Inside a size class of the types' segments, whose counts are published, buckets nest anew.
nesting as (

    select
        entity,
        metric || case
            when metric = 'messages_per_conversation' then '|' || split_part(cut, ' ', 1) else ''
        end as metric,
        segment,
        part,
        cut,
        bucket_index,
        holder,
        n_rows,
        people_sketch
    from cells
    where {{ bucket_family('metric') }} not in ('{{ withheld | join("', '") }}')

),

nested as (

    {{ nested_buckets('nesting', k, limit) }}

),

-- Without its marginal a joint histogram has nothing to be subtracted from.
alone as (

    select
        entity,
        metric,
        segment,
        '' as part,
        bucket_index,
        holder,
        n_rows,
        people_sketch
    from cells
    where {{ bucket_family('metric') }} in ('{{ withheld | join("', '") }}')

),

merged_alone as (

    {{ merged_buckets('alone', k, limit) }}

),

merged as (

    select
        entity,
        split_part(metric, '|', 1) as metric,
        segment,
        bucket_index,
        group_index
    from nested

    union all

    select * from merged_alone

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
