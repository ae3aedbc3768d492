{#
assert_baseline(source_relation)
source_relation  the baseline's shape_metrics, as source() renders it
returns          nothing
raises           compiler error in one line when no pack was imported into this database
A pre-hook, not part of a model: dbt cannot unit-test models that introspect.
#}
{%- macro assert_baseline(source_relation) -%}
{%- if execute -%}
    {%- set found = adapter.get_relation(
        database=source_relation.database,
        schema=source_relation.schema,
        identifier=source_relation.identifier
    ) -%}
    {%- if found is none -%}
        {{ exceptions.raise_compiler_error(
            "no baseline to compare with: " ~ source_relation.schema ~ "."
            ~ source_relation.identifier
            ~ " does not exist; run `synth import PACK` first"
        ) }}
    {%- endif -%}
{%- endif -%}
{%- endmacro -%}
