{#
not_dominated(model, limit)
model    relation with the columns of shape_metrics
limit    largest share of a cell's rows that one person may hold; 1 outside the boundary
returns  one row per metric and kind with cells above the limit, or below it by a share that is
         none; n_cells is their number
#}
{% test not_dominated(model, limit) %}

{{ config(fail_calc='coalesce(sum(n_cells), 0)') }}

select
    entity,
    metric,
    kind,
    count(*) as n_cells
from {{ model }}
where top_share > {{ limit }} or top_share <= 0 or (is_suppressed and top_share is not null)
group by entity, metric, kind

{% endtest %}
