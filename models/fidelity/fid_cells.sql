{#- Five models join it; without statistics the planner takes it for a few rows, and loops. -#}
{{ config(post_hook="analyze {{ this }}") }}
with

baseline as (

    select * from {{ source('shape_baseline', 'shape_metrics') }}

),

synthetic as (

    select * from {{ ref('shape_metrics') }}
    where not is_suppressed

),

sides as (

    select
        'baseline' as side,
        entity,
        metric,
        segment,
        kind,
        label,
        bucket_lower,
        bucket_upper,
        value,
        unit,
        n_rows,
        n_people,
        is_suppressed
    from baseline

    union all

    select
        'synthetic' as side,
        entity,
        metric,
        segment,
        kind,
        label,
        bucket_lower,
        bucket_upper,
        value,
        unit,
        n_rows,
        n_people,
        is_suppressed
    from synthetic

),

final as (

    select
        side,
        -- Names one distribution on its side; no name holds a bar.
        concat_ws('|', entity, metric, kind, segment) as distribution,
        entity,
        metric,
        segment,
        -- The median of the lengths is published beside the mean, as one of its figures.
        case
            when metric = 'content_length' and label in ('p50', 'median') then 'scalar' else kind
        end as kind,
        case
            when metric = 'content_length' and label = 'p50' then 'median'
            else coalesce(label, '')
        end as label,
        bucket_lower,
        coalesce(
            bucket_upper, case when kind = 'bucket' then cast('infinity' as float8) end
        ) as bucket_upper,
        cast(value as float8) as value,
        unit,
        n_rows,
        n_people,
        is_suppressed or coalesce(value, n_rows) is null as is_suppressed,
        regexp_replace(
            segment, '[.]?(size|senders|tempo)_[0-9.e+]+_(inf|[0-9.e+]+)', '', 'g'
        ) as segment_prefix,
        {{ fid_segment_bound('segment', 'size', 'lower') }} as size_lower,
        {{ fid_segment_bound('segment', 'size', 'upper') }} as size_upper,
        {{ fid_segment_bound('segment', 'senders', 'lower') }} as senders_lower,
        {{ fid_segment_bound('segment', 'senders', 'upper') }} as senders_upper,
        {{ fid_segment_bound('segment', 'tempo', 'lower') }} as tempo_lower,
        {{ fid_segment_bound('segment', 'tempo', 'upper') }} as tempo_upper
    from sides

)

select * from final
