{{ config(pre_hook=by_hash()) }}
{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
{#- A name that no metric has, where nothing is withheld. -#}
{%- set withheld = (var('withheld_marginals') if k > 0 else []) or ['none'] -%}
with

cells as (

    select * from {{ ref('int_cells') }}
    where {{ bucket_family('metric') }} not in ('{{ withheld | join("', '") }}')

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

),

nested as (

    {{ nested_buckets('nesting', k, limit) }}

),

final as (

    select
        entity,
        split_part(metric, '|', 1) as metric,
        segment,
        bucket_index,
        group_index
    from nested
    where metric != 'distinct_senders' or segment = 'all'

)

select * from final
