{#
gate_state(node, result, is_strict)
node       a data test of the graph
result     what dbt did with it, or none
is_strict  whether a test that was loosened (severity, thresholds, filter, row limit, or a fail_calc
           that does not count) counts as one that cannot fail
returns    text: empty where the test ran as it is written and found nothing, else what is wrong
#}
{%- macro gate_state(node, result, is_strict) -%}
{%- set config = node.config -%}
{%- set loosened = [] -%}
{%- if is_strict -%}
    {%- for name, expected in [
        ('severity', 'error'), ('error_if', '!= 0'), ('warn_if', '!= 0'), ('where', none),
        ('limit', none)
    ] -%}
        {%- set found = config.get(name) -%}
        {%- if (found | lower if found is string else found) != expected -%}
            {%- do loosened.append(name) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set counting = 'count[(][*][)]|coalesce[(]sum[(][a-z_]+[)], 0[)]' -%}
    {%- if not modules.re.fullmatch(counting, config.fail_calc) -%}
        {%- do loosened.append('fail_calc') -%}
    {%- endif -%}
{%- endif -%}
{%- if result is none -%}
    {{ return('did not run') }}
{%- elif (result.status | string) not in ('pass', 'warn') or (is_strict and result.failures) -%}
    {{ return((result.status | string)) }}
{%- elif (result.status | string) == 'warn' and is_strict -%}
    {{ return('warn') }}
{%- elif loosened -%}
    {{ return('loosened: ' ~ loosened | join(', ')) }}
{%- endif -%}
{{ return('') }}
{%- endmacro -%}
