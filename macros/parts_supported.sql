{#
parts_supported(sketches, k)
sketches  bigint[]: one sketch per part, null where the part has no row
k         people a part needs
returns   boolean: no part has rows of fewer than k people
#}
{%- macro parts_supported(sketches, k) -%}
{{ k }} <= all(
    select {{ people_count('parts.sketch') }}
    from unnest({{ sketches }}) as parts (sketch)
    where parts.sketch is not null
)
{%- endmacro -%}
