{#
mark_built()
returns  a statement that names, in the comment of the relation that was just built, the run that
         built it: a reader then sees whether all of a shape comes from one run
#}
{%- macro mark_built() -%}
comment on {{ 'view' if config.get('materialized') == 'view' else 'table' }} {{ this }} is 'dbt run {{ invocation_id }}'
{%- endmacro -%}
