{#
plain_column(expression)
expression  SQL expression of a mapping
returns     name of the column as the catalog spells it, where the expression is nothing but one
            column, else none: planner statistics are kept by column
#}
{%- macro plain_column(expression) -%}
{%- if modules.re.match('^"[^"]+"$', expression) -%}
    {{ return(expression[1:-1]) }}
{%- elif modules.re.match('^[A-Za-z_][A-Za-z0-9_]*$', expression) -%}
    {{ return(expression | lower) }}
{%- endif -%}
{{ return(none) }}
{%- endmacro -%}
