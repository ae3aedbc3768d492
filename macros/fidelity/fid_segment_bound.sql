{#
fid_segment_bound(segment, dimension, side)
segment    column holding a segment label such as size_8_12.tempo_0_3.16228
dimension  size, senders or tempo
side       lower or upper
returns    float8 edge of that dimension, null where the label does not have it
raises     compiler error for another side
#}
{%- macro fid_segment_bound(segment, dimension, side) -%}
{%- if side not in ('lower', 'upper') -%}
    {{ exceptions.raise_compiler_error(
        "fid_segment_bound: side must be lower or upper, got " ~ side
    ) }}
{%- endif -%}
{#- A number may hold a dot, and so does the joint label: the trailing one is trimmed. -#}
{%- if side == 'lower' -%}
    cast(substring({{ segment }} from '{{ dimension }}_([0-9.e+]+)_') as float8)
{%- else -%}
    cast(
        rtrim(
            substring({{ segment }} from '{{ dimension }}_[0-9.e+]+_(inf|[0-9.e+]+)'), '.'
        ) as float8
    )
{%- endif -%}
{%- endmacro -%}
