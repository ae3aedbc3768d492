{#
assert_ready()
returns  select 1, once the adapter is PostgreSQL and, on a boundary target, the salt is there
raises   compiler error otherwise, before any model runs

The salt is read while running only: what env_var() returns while parsing is kept in
target/partial_parse.msgpack. Its length is looked at; its value is rendered nowhere.
#}
{%- macro assert_ready() -%}
{%- if execute -%}
    {%- if target.type != 'postgres' -%}
        {{ exceptions.raise_compiler_error(
            "assert_ready: expected a target of type postgres, got " ~ target.type
            ~ "; choose another with --target"
        ) }}
    {%- endif -%}
    {%- if target.schema == per_target(var('source_schema'), target.name) -%}
        {{ exceptions.raise_compiler_error(
            "assert_ready: expected a schema of its own for the shape, got the application's; "
            ~ "change schema of target " ~ target.name ~ " in profiles.yml"
        ) }}
    {%- endif -%}
    {%- if target.name in var('boundary_targets')
        and env_var('ANONYMIZATION_SALT', '') | trim | length < 32 -%}
        {{ exceptions.raise_compiler_error(
            "ANONYMIZATION_SALT: expected 32 characters or more on target " ~ target.name
            ~ ", got " ~ ('fewer' if env_var('ANONYMIZATION_SALT', '') else 'none')
            ~ "; set it in the environment"
        ) }}
    {%- endif -%}
{%- endif -%}
select 1 as is_ready
{%- endmacro -%}
