{#
window_end(as_of, last_sent_at)
as_of         the var: an ISO timestamp (UTC where it has no offset), a date, or null
last_sent_at  column used where as_of is null
returns       timestamptz; a date means its last microsecond
raises        compiler error when as_of holds anything but digits and - : . T Z + or a blank
#}
{%- macro window_end(as_of, last_sent_at) -%}
{%- if as_of is none -%}
    {{ last_sent_at }}
{%- else -%}
    {%- set text = as_of | string | trim -%}
    {%- if modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]+(Z|[+-][0-9:]+)?)?', text) is none -%}
        {{ exceptions.raise_compiler_error(
            "as_of: expected an ISO date or timestamp such as 2026-01-31T23:59:59Z, got "
            ~ "something else; pass another in --vars"
        ) }}
    {%- endif -%}
    {%- if text | length == 10 -%}
        (cast('{{ text }} UTC' as timestamptz) + interval '1 day' - interval '1 microsecond')
    {%- elif modules.re.search('(Z|[+-][0-9:]+)$', text[10:]) -%}
        cast('{{ text }}' as timestamptz)
    {%- else -%}
        cast('{{ text }} UTC' as timestamptz)
    {%- endif -%}
{%- endif -%}
{%- endmacro -%}
