{#
bucket_lower(index, grid)
index    integer column, as bucket_index makes it
grid     name of a grid
returns  float8: the bucket's lower edge; bucket_upper of index is bucket_lower of index + 1
#}
{%- macro bucket_lower(index, grid) -%}
({{ float_array(bucket_edges(grid)) }})[{{ index }}]
{%- endmacro -%}
