{#
session_settings()
returns  on a boundary target, a select that bounds what this session may cost the source: the
         var session_settings, set as PostgreSQL's parameters; elsewhere one that turns compilation
         off, which takes longer than statements of thousands of expressions run, and lets the
         server give up a statement whose client was killed
raises   compiler error when a name is none that may be set so
#}
{%- macro session_settings() -%}
{%- if target.name in var('boundary_targets') -%}
{%- set settings = var('session_settings') -%}
{%- if settings -%}
select
    {%- for name, value in settings.items() %}
    {%- if modules.re.fullmatch('[a-z_]+', name) is none
        or modules.re.fullmatch('[A-Za-z0-9. -]+', value | string) is none -%}
        {{ exceptions.raise_compiler_error(
            "session_settings: expected a setting such as statement_timeout with a plain value, "
            ~ "such as 30min; correct vars.session_settings"
        ) }}
    {%- endif %}
    set_config('{{ name }}', '{{ value }}', false) as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endif -%}
{%- else -%}
select
    set_config('jit', 'off', false) as jit,
    set_config('client_connection_check_interval', '2s', false) as client_connection_check_interval
{%- endif -%}
{%- endmacro -%}
