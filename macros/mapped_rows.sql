{#
mapped_rows(mappings, name, entity, relation, types)
mappings  the var of that name
name      mapping to use
entity    canonical relation, for example messages
relation  relation to read where the mapping names none
types     canonical column: type, in the order of the columns
returns   a select of the canonical columns
raises    compiler error when the mapping, the entity or a column is missing
#}
{%- macro mapped_rows(mappings, name, entity, relation, types) -%}
{%- if name not in mappings or entity not in mappings[name] -%}
    {{ exceptions.raise_compiler_error(
        "mapping " ~ name ~ ": expected an entry for " ~ entity
        ~ ", got none; add it to vars.mappings"
    ) }}
{%- endif -%}
{%- set entry = mappings[name][entity] -%}
{%- set columns = entry.get('columns', {}) -%}
{%- for column in types if column not in columns -%}
    {{ exceptions.raise_compiler_error(
        "mapping " ~ name ~ ": expected an expression for " ~ entity ~ "." ~ column
        ~ ", got none; add it to vars.mappings (null::" ~ types[column] ~ " where there is none)"
    ) }}
{%- endfor -%}
    select
        {%- for column, type in types.items() %}
        cast({{ columns[column] }} as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ entry.get('relation') or relation }} as mapped
    {%- if entry.get('where') %}
    where {{ entry.where }}
    {%- endif %}
{%- endmacro -%}
