{#
text_array(values)
values   list of texts
returns  the list as a text[], sorted
#}
{%- macro text_array(values) -%}
array[
    {%- for value in values | sort %}
    '{{ value | replace("'", "''") }}'{{ ',' if not loop.last }}
    {%- endfor %}
]::text[]
{%- endmacro -%}
