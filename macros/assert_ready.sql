{#
assert_ready()
returns  a statement that marks the shape's schema as ours, once all is well: the adapter is
         PostgreSQL and the schema the shape's own; on a boundary target the salt is there, the
         hour allowed, the role without needless rights, and no table of a stranger in the way;
         on generated tables, tables and baseline are there
raises   compiler error otherwise, before any model runs

The salt is read while running only: what env_var() returns while parsing is kept in
target/partial_parse.msgpack. Its length is looked at; its value is rendered nowhere. `dbt compile`
(and so `synth extract --plan`) makes nothing and needs none.
#}
{%- macro assert_ready() -%}
{%- set marking = 'select 1 as is_ready' -%}
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
    {%- if target.name in var('boundary_targets') -%}
        {%- if flags.WHICH != 'compile' and env_var('ANONYMIZATION_SALT', '') | trim | length < 32 -%}
            {{ exceptions.raise_compiler_error(
                "ANONYMIZATION_SALT: expected 32 characters or more on target " ~ target.name
                ~ ", got " ~ ('fewer' if env_var('ANONYMIZATION_SALT', '') else 'none')
                ~ "; set it in the environment"
            ) }}
        {%- endif -%}
        {%- do assert_allowed_hour(
            var('allowed_hours'), var('allowed_hours_time_zone'), var('outside_hours')
        ) -%}
        {%- do assert_role(
            per_target(var('source_schema'), target.name), target.schema,
            var('mappings').get(per_target(var('mapping'), target.name), {}).get('is_closed', false),
            var('canonical_columns'), var('allow_privileged_role')
        ) -%}
        {%- set marking = assert_own_schema(target.schema) -%}
    {%- elif on_generated_tables() -%}
        {%- do assert_generated(
            per_target(var('source_schema'), target.name), flags.WHICH, selected_resources
        ) -%}
    {%- endif -%}
{%- endif -%}
{{ marking }}
{%- endmacro -%}
