{#
bucket_index(value, grid)
value    number, in the unit of the grid
grid     name of a grid
returns  integer: 1 for the first bucket. A value outside the grid belongs to the nearest bucket;
         null stays null
#}
{%- macro bucket_index(value, grid) -%}
{#- The first edge is left out of the search, so what lies below it counts as in the first. -#}
width_bucket(cast({{ value }} as float8), {{ float_array(bucket_edges(grid)[1:-1]) }}) + 1
{%- endmacro -%}
