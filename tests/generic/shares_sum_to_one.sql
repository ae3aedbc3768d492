{#
shares_sum_to_one(model)
model    relation with the columns of shape_metrics
returns  one row per metric, kind and segment whose shares leave [0, 1] or do not sum to 1
#}
{% test shares_sum_to_one(model) %}

select
    entity,
    metric,
    kind,
    segment,
    count(*) as n_cells
from {{ model }}
where kind in ('category', 'bucket', 'hour', 'weekday') and not is_suppressed
group by entity, metric, kind, segment
having
    abs(sum(value) - 1) > 1e-9
    or min(value) < 0
    or count(value) < count(*)

{% endtest %}
