{#
buckets_partition(model)
model    relation with the columns of shape_metrics
returns  one row per metric and segment with buckets that lack an edge, are empty intervals or
         overlap the one before; n_buckets is their number
#}
{% test buckets_partition(model) %}

{{ config(fail_calc='coalesce(sum(n_buckets), 0)') }}

with

buckets as (

    select
        entity,
        metric,
        segment,
        bucket_lower,
        bucket_upper,
        lag(bucket_upper) over (
            partition by entity, metric, segment order by bucket_lower, bucket_upper
        ) as previous_upper
    from {{ model }}
    where kind = 'bucket' and not is_suppressed

)

select
    entity,
    metric,
    segment,
    count(*) as n_buckets
from buckets
where (bucket_lower < bucket_upper and bucket_lower >= coalesce(previous_upper, bucket_lower)) is not true
group by entity, metric, segment

{% endtest %}
