{{ config(pre_hook=by_hash()) }}
{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
{%- set withheld = (var('withheld_marginals') if k > 0 else []) or ['none'] -%}
with

cells as (

    select * from {{ ref('int_cells') }}
    where
        {{ bucket_family('metric') }} in ('{{ withheld | join("', '") }}')
        and metric not in ('{{ withheld | join("', '") }}')

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

),

merged as (

    {{ merged_buckets('alone', k, limit) }}

),

final as (

    select
        entity,
        metric,
        segment,
        bucket_index,
        group_index
    from merged

)

select * from final
