{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
with

cells as (

    select
        *,
        segment as part
    from {{ ref('int_conversations__joint_cells') }}
    where metric = 'tempo_by_size'

),

merged as (

    {{ merged_buckets('cells', k) }}

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

)

select * from final
