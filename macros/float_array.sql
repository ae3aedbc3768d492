{#
float_array(numbers)
numbers  list of numbers, 'Infinity' among them
returns  float8[] literal, every number exact
#}
{%- macro float_array(numbers) -%}
cast('{ {{- numbers | join(',') -}} }' as float8[])
{%- endmacro -%}
