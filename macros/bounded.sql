{#
bounded(relation, kept, condition)
relation   model that holds everybody's rows
kept       model that holds, of every person, no more than vars.dp_contributions allows
condition  which rows of kept, where not all
returns    the relation, or in a differentially private release what is kept of it
#}
{%- macro bounded(relation, kept, condition='true') -%}
{{ '(select * from ' ~ ref(kept) ~ ' where ' ~ condition ~ ') as kept' if is_private() else ref(relation) }}
{%- endmacro -%}
