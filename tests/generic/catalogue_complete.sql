{#
catalogue_complete(model, catalogue)
model      relation with the columns of shape_metrics
catalogue  relation with entity, metric, kind, segments and unit
returns    one row per line of the catalogue that is absent though its entity is there, and per
           line of the model that the catalogue does not have
#}
{% test catalogue_complete(model, catalogue) %}

with

listed as (

    select
        entity,
        metric,
        kind,
        unit
    from {{ catalogue }}

),

present as (

    select distinct
        entity,
        metric,
        kind,
        unit
    from {{ model }}

)

select
    coalesce(listed.entity, 'unlisted') as entity,
    listed.metric,
    listed.kind
from listed
full outer join present
    on
        listed.entity = present.entity
        and listed.metric = present.metric
        and listed.kind = present.kind
        and listed.unit = present.unit
where
    listed.entity is null
    or (
        present.entity is null
        and listed.entity in (select present_entity.entity from present as present_entity)
    )

{% endtest %}
