{#
assert_ready()
returns  a statement that marks the shape's schema as ours, once all is well: the adapter is
         PostgreSQL and the schema the shape's own; on a boundary target the salt is there, the
         hour allowed and the role without needless rights; on another target, the database is
         not production's; no table of a stranger is in the way; on generated tables, tables and
         baseline are there
raises   compiler error otherwise, before any model runs
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
        {%- do assert_boundary() -%}
        {%- set marking = assert_own_schema(target.schema, true) -%}
    {%- else -%}
        {%- do assert_outside() -%}
        {%- set marking = assert_own_schema(target.schema, false) -%}
        {%- if on_generated_tables() -%}
            {%- do assert_generated(
                per_target(var('source_schema'), target.name), flags.WHICH, selected_resources
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endif -%}
{{ marking }}
{%- endmacro -%}
