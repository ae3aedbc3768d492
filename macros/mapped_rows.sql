{#
mapped_rows(mappings, name, entity, relation, canonical, schema)
mappings   the var of that name
name       mapping to use
entity     canonical relation, for example messages
relation   relation to read where the mapping names none
canonical  the var canonical_columns: canonical relation to column to type
schema     schema of the source; replaces {schema} in the mapping, quoted
returns    a select of the canonical columns
raises     compiler error when the mapping, the entity or a column is missing or unknown

An expression of another type is refused by the server as soon as the view is made, by the
coalesce: a cast would try row after row and quote the first that fails. A plain column stays as it
is, so that an index of the source serves a narrow window; its coalesce stands in a condition that
is parsed and then dropped. A value of the mapping may end with a comment, so each ends its line.
#}
{%- macro mapped_rows(mappings, name, entity, relation, canonical, schema) -%}
{%- set types = canonical[entity] -%}
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
{%- for column in columns if column not in types -%}
    {{ exceptions.raise_compiler_error(
        "mapping " ~ name ~ ": expected only " ~ (types | join(', ')) ~ " for " ~ entity
        ~ ", got " ~ column ~ "; remove it from vars.mappings"
    ) }}
{%- endfor -%}
{%- set quoted = adapter.quote(schema | replace('"', '""')) -%}
{%- set conditions = [] -%}
{%- set where = entry.get('where', none) -%}
{%- if where is not none and where | string | trim -%}
    {%- do conditions.append('(' ~ (where | string | trim | replace('{schema}', quoted)) ~ '\n)') -%}
{%- endif -%}
{%- for column, type in types.items() if type != 'text' and plain_column(columns[column] | string) -%}
    {%- do conditions.append(
        '(true or coalesce(' ~ columns[column] ~ ', cast(null as ' ~ type ~ ')) is null)'
    ) -%}
{%- endfor -%}
    select
        {%- for column, type in types.items() %}
        {%- set expression = columns[column] | string | trim | replace('{schema}', quoted) %}
        {%- if type == 'text' or plain_column(columns[column] | string) %}
        cast({{ expression }}
        as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
        {%- else %}
        cast(coalesce({{ expression }}
        , cast(null as {{ type }})) as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endif %}
        {%- endfor %}
    from {{ (entry.get('relation') or relation) | string | replace('{schema}', quoted) }}
    as mapped
    {%- if conditions %}
    where
        {{ conditions | join('\n        and ') }}
    {%- endif %}
{%- endmacro -%}
