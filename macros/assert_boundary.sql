{#
assert_boundary(is_told)
is_told  whether assert_ready will warn of the hour, so that it is not said twice
returns  nothing
raises   compiler error on a boundary target when the salt is missing, the hour not allowed, or the
         role may do more than read

The salt is read while running only: what env_var() returns while parsing is kept in
target/partial_parse.msgpack. Its length is looked at; its value is rendered nowhere. `dbt compile`
(and so `synth extract --plan`) makes nothing and needs none.
#}
{%- macro assert_boundary(is_told=false) -%}
{%- if flags.WHICH != 'compile' and env_var('ANONYMIZATION_SALT', '') | trim | length < 32 -%}
    {{ exceptions.raise_compiler_error(
        "ANONYMIZATION_SALT: expected 32 characters or more on target " ~ target.name
        ~ ", got " ~ ('fewer' if env_var('ANONYMIZATION_SALT', '') else 'none')
        ~ "; set it in the environment"
    ) }}
{%- endif -%}
{%- do assert_allowed_hour(
    var('allowed_hours'), var('allowed_hours_time_zone'), var('outside_hours'), is_told
) -%}
{%- do assert_role(
    per_target(var('source_schema'), target.name), target.schema,
    var('mappings').get(per_target(var('mapping'), target.name), {}).get('is_closed', false),
    var('canonical_columns'), var('allow_privileged_role')
) -%}
{%- endmacro -%}
