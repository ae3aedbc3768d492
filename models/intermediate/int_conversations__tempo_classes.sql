{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

cells as (

    select
        *,
        coalesce(part, 'rest') as held_by
    from {{ ref('int_conversations__joint_cells') }}
    where metric in ('tempo', 'tempo_by_size')

),

merged as (

    {{ nested_buckets('cells', k, limit, part='held_by') }}

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
