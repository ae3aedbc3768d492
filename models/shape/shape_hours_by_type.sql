{{ config(pre_hook=by_hash()) }}
{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

type_hours as (

    select * from {{ ref('int_messages__type_hours') }}

),

-- The types whose lengths are published: the others are hidden together already.
published_types as (

    select distinct segment
    from {{ ref('shape_buckets') }}
    where metric = 'content_length' and segment != 'all'

),

hours_of_day as (

    select
        cast(label as integer) as hour_number,
        value
    from {{ ref('shape_hours') }}
    where metric = 'hour_of_day'

),

types as (

    select
        message_type as label,
        holder,
        cast(sum(n_messages) as bigint) as n_rows,
        bit_or(people_sketch) as people_sketch
    from type_hours
    group by message_type, holder

),

labels as (

    {{ published_labels('types', k, limit) }}

),

day_cells as (

    select
        'messages' as entity,
        'hour_of_day' as metric,
        'all' as segment,
        'all' as part,
        hour_of_week % 24 as bucket_index,
        holder,
        n_messages as n_rows,
        people_sketch
    from type_hours

),

-- The blocks of hour_of_day, as in shape_hours.
day_blocks as (

    {{ merged_buckets('day_cells', k, limit) }}

),

-- A type is a part, and so are the hidden ones together: a block of the day ends a block here only
-- where each has k people or nobody, so hour of day minus the types shows nothing of fewer.
cells as (

    select
        'messages' as entity,
        'hour_by_type' as metric,
        'all' as segment,
        coalesce(published_types.segment, 'rest') as part,
        day_blocks.group_index as bucket_index,
        type_hours.holder,
        type_hours.n_messages as n_rows,
        type_hours.people_sketch
    from type_hours
    inner join day_blocks on type_hours.hour_of_week % 24 = day_blocks.bucket_index
    inner join labels on type_hours.message_type = labels.label
    left join published_types on labels.published_label = published_types.segment

),

merged as (

    {{ merged_buckets('cells', k, limit) }}

),

held as (

    select
        cells.part,
        merged.group_index,
        cells.holder,
        sum(cells.n_rows) as n_rows,
        bit_or(cells.people_sketch) as people_sketch
    from cells
    inner join merged using (entity, metric, segment, bucket_index)
    where cells.part != 'rest'
    group by cells.part, merged.group_index, cells.holder

),

blocks as (

    select
        part,
        group_index,
        sum(n_rows) as n_messages,
        {{ people_count('bit_or(people_sketch)') }} as n_people,
        {{ top_share('holder') }} as top_share
    from held
    group by part, group_index

),

-- Inside a block the hours follow the published hours of the day.
hours as (

    select
        blocks.part,
        day_blocks.bucket_index as hour_number,
        blocks.n_people,
        blocks.top_share,
        blocks.n_messages * coalesce(
            hours_of_day.value / nullif(sum(hours_of_day.value) over block, 0),
            1.0 / count(*) over block
        ) as n_messages
    from blocks
    inner join merged on blocks.group_index = merged.group_index
    inner join day_blocks on merged.bucket_index = day_blocks.group_index
    left join hours_of_day on day_blocks.bucket_index = hours_of_day.hour_number
    window block as (partition by blocks.part, blocks.group_index)

),

final as (

    select
        'messages' as entity,
        'hour_by_type' as metric,
        part as segment,
        'hour' as kind,
        cast(hour_number as text) as label,
        cast(null as float8) as bucket_lower,
        cast(null as float8) as bucket_upper,
        cast(n_messages / sum(n_messages) over (partition by part) as float8) as value,
        'share' as unit,
        cast(round(n_messages) as bigint) as n_rows,
        n_people,
        top_share,
        false as is_suppressed
    from hours

)

select * from final
