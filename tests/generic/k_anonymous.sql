{#
k_anonymous(model, k)
model    relation with the columns of shape_metrics
k        people that must stand behind a row; 0 outside the boundary, where nothing is withheld
returns  one row per metric and kind with cells short of people, quantiles short of rows on their
         thinner side, or suppressed rows that say something all the same; n_cells is their number

A differentially private release says of no cell how many people it has: there noisy rows have to be
k, and nothing is told of people. What protects these is the noise; that it was drawn as planned is for
no test of the shape to see.
#}
{% test k_anonymous(model, k) %}

{{ config(fail_calc='coalesce(sum(n_cells), 0)') }}

select
    entity,
    metric,
    kind,
    count(*) as n_cells
from {{ model }}
where
    case
        when is_suppressed then coalesce(value, n_rows, n_people) is not null
        when value is null then true
        {%- if is_private() %}
        when n_people is not null or top_share is not null then true
        {#- Places of a block of hours share its rows. #}
        when kind not in ('hour', 'weekday') and coalesce(n_rows, 0) < {{ k }} then true
        {%- else %}
        when coalesce(n_people, 0) < {{ k }} then true
        {%- endif %}
        when kind = 'quantile' and label ~ '^p[0-9]+$'
            then
                n_rows * least(
                    cast(substring(label from 2) as integer),
                    100 - cast(substring(label from 2) as integer)
                ) < 100 * {{ k }}
        else false
    end
group by entity, metric, kind

{% endtest %}
