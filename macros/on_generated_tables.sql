{#
on_generated_tables()
returns   true where the source schema is one that the generator filled: target dev_synth, and not
          the application's own schema, which tests and comparisons may point dev_synth at
#}
{%- macro on_generated_tables() -%}
    {%- set schema = per_target(var('source_schema'), target.name) -%}
    {{- return(target.name == 'dev_synth' and schema != 'app' and var('mapping') == 'chat') -}}
{%- endmacro -%}
