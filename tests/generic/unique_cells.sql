{#
unique_cells(model)
model    relation with the columns of shape_metrics
returns  one row per key (entity, metric, segment, kind, label, lower edge) that occurs twice, or
         that lacks one of the first four
#}
{% test unique_cells(model) %}

select
    entity,
    metric,
    kind,
    count(*) as n_rows
from {{ model }}
group by entity, metric, segment, kind, label, bucket_lower
having count(*) > 1 or num_nulls(entity, metric, segment, kind) > 0

{% endtest %}
