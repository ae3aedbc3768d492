{#
statistics_columns(mappings, name, tables)
mappings  the var of that name
name      mapping to use
tables    canonical relation: {'relation': default relation, 'columns': canonical columns}
returns   the rows of a values list: canonical relation, canonical column, relation and column of
          the source. A mapping that reads a query, or makes a column by an expression, has no
          planner statistics, so it has no row
#}
{%- macro statistics_columns(mappings, name, tables) -%}
{%- set rows = [] -%}
{%- for entity, table in tables.items() -%}
    {%- set entry = mappings[name][entity] -%}
    {%- set relation = (entry.get('relation') or table['relation']) | string -%}
    {%- if modules.re.match('^[A-Za-z0-9_".]+$', relation) -%}
        {%- for column in table['columns'] -%}
            {%- set source_column = plain_column(entry['columns'][column]) -%}
            {%- if source_column is not none -%}
                {%- do rows.append(
                    "('" ~ [entity, column, relation, source_column | replace("'", "''")]
                    | join("', '") ~ "')"
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endfor -%}
{{- (rows or ["(null, null, null, null)"]) | join(',\n        ') -}}
{%- endmacro -%}
