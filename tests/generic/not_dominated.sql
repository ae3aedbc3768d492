{#
not_dominated(model, highest_share)
model          relation with the columns of shape_metrics
highest_share  share of a cell's rows that one person may hold; 1 outside the boundary
returns        one row per metric and kind with cells above it, shares of nothing, or suppressed
               rows with a share; n_cells is their number
#}
{% test not_dominated(model, highest_share) %}

{{ config(fail_calc='coalesce(sum(n_cells), 0)') }}

select
    entity,
    metric,
    kind,
    count(*) as n_cells
from {{ model }}
where top_share > {{ highest_share }} or top_share <= 0 or (is_suppressed and top_share is not null)
group by entity, metric, kind

{% endtest %}
