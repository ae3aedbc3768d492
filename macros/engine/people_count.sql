{#
people_count(sketch)
sketch   bigint, bit_or of person_bit
returns  integer: people certainly behind it, 0 to 64; 0 for null. Null in a differentially private
         release, which says nothing exact of people
#}
{%- macro people_count(sketch) -%}
{%- if is_private() -%}
cast(null as integer)
{%- else -%}
cast(coalesce(bit_count(cast({{ sketch }} as bit(64))), 0) as integer)
{%- endif -%}
{%- endmacro -%}
