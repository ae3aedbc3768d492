{#
session_settings()
returns  a select that sets what this session is read by and may cost: names are looked up in
         pg_catalog alone, so that nobody's function or operator of a server's name counts for it;
         on a boundary target the var session_settings, as PostgreSQL's parameters; elsewhere
         compilation off, which takes longer than statements of thousands of expressions run, and
         a server that gives up a statement whose client was killed
raises   compiler error when a name is none that may be set so
#}
{%- macro session_settings() -%}
{%- set outside = {'jit': 'off', 'client_connection_check_interval': '2s'} -%}
{%- set inside = target.name in var('boundary_targets') -%}
{%- set settings = (var('session_settings') or {}) if inside else outside -%}
select
    pg_catalog.set_config('search_path', 'pg_catalog', false) as search_path
    {%- for name, value in settings.items() %}
    {%- if modules.re.fullmatch('[a-z_]+', name) is none
        or modules.re.fullmatch('[A-Za-z0-9. -]+', value | string) is none -%}
        {{ exceptions.raise_compiler_error(
            "session_settings: expected a setting such as statement_timeout with a plain value, "
            ~ "such as 30min; correct vars.session_settings"
        ) }}
    {%- endif %},
    pg_catalog.set_config('{{ name }}', '{{ value }}', false) as {{ name }}
    {%- endfor %}
{%- endmacro -%}
