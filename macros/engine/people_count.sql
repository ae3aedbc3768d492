{#
people_count(sketch)
sketch   bigint, bit_or of person_bit
returns  integer: people certainly behind it, 0 to 64; 0 for null
#}
{%- macro people_count(sketch) -%}
cast(coalesce(bit_count(cast({{ sketch }} as bit(64))), 0) as integer)
{%- endmacro -%}
