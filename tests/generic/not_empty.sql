{#
not_empty(model)
model    relation that must hold a row: a gate that saw nothing proved nothing
returns  one row where it holds none
#}
{% test not_empty(model) %}

select 'the relation holds no row' as problem
where not exists (select 1 from {{ model }})

{% endtest %}
