{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
{%- set stands_alone = 'tempo' in var('withheld_marginals') -%}
with

cells as (

    select
        *,
        coalesce(part, 'rest') as held_by
    from {{ ref('int_conversations__joint_cells') }}
    where metric in ('tempo', 'tempo_by_size')

),

parted as (

    select
        entity,
        metric,
        segment,
        held_by as part,
        cut,
        bucket_index,
        holder,
        n_rows,
        people_sketch
    from cells
    {%- if stands_alone %}
    where metric = 'tempo_by_size'
    {%- endif %}

),

merged as (

    {{ merged_buckets('parted', k, limit) if stands_alone else nested_buckets('parted', k, limit) }}

),

final as (

    select
        segment as size_label,
        bucket_index as tempo_index,
        segment || '.' || {{ class_label(
            'tempo',
            'group_index',
            'max(bucket_index) over (partition by segment, group_index)',
            'tempo_class'
        ) }} as segment
    from merged
    where metric = 'tempo_by_size'

)

select * from final
