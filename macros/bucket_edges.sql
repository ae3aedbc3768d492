{#
bucket_edges(grid)
grid     name of a grid of docs/architecture.md
returns  list of numbers (not SQL), strictly increasing: the lower edges and, last, the upper edge
         of the last bucket ('Infinity' where that is open)
raises   compiler error when the grid is unknown
#}
{%- macro bucket_edges(grid) -%}
{%- set edges = [] -%}
{%- if grid in ('count', 'size') -%}
    {%- do edges.extend(range(18)) -%}
    {%- for j in range(10, 73) -%}{%- do edges.append((10 ** (j / 8)) | round | int) -%}{%- endfor -%}
    {#- No bucket of sizes lies in two size classes. -#}
    {%- if grid == 'size' -%}
        {%- set edges = (edges + bucket_edges('size_class')[:-1]) | unique | sort -%}
        {{ return(edges) }}
    {%- endif -%}
{%- elif grid in ('seconds', 'minutes') -%}
    {%- do edges.append(0) -%}
    {%- for j in range(57) -%}{%- do edges.append(10 ** (j / 8)) -%}{%- endfor -%}
    {%- do edges.append(10 ** 9) -%}
{%- elif grid == 'characters' -%}
    {%- do edges.extend(range(11)) -%}
    {%- for j in range(9, 57) -%}{%- do edges.append((10 ** (j / 8)) | round | int) -%}{%- endfor -%}
{%- elif grid == 'bytes' -%}
    {%- do edges.append(0) -%}
    {%- for j in range(8, 41) -%}{%- do edges.append((10 ** (j / 4)) | round | int) -%}{%- endfor -%}
{%- elif grid == 'share' -%}
    {%- for j in range(22) -%}{%- do edges.append(j / 20) -%}{%- endfor -%}
{%- elif grid == 'coefficient' -%}
    {%- for j in range(-10, 12) -%}{%- do edges.append(j / 10) -%}{%- endfor -%}
{%- elif grid == 'position' -%}
    {%- for j in range(53) -%}{%- do edges.append(j / 52) -%}{%- endfor -%}
{%- elif grid == 'size_class' -%}
    {%- do edges.extend([1, 2, 3, 4, 6, 8, 12]) -%}
    {%- for j in range(4, 21) -%}{%- do edges.append(2 ** j) -%}{%- endfor -%}
    {%- do edges.append('Infinity') -%}
{%- elif grid == 'sender_class' -%}
    {%- do edges.extend([1, 2, 3, 4, 5, 9, 17, 33, 'Infinity']) -%}
{%- elif grid == 'tempo_class' -%}
    {%- do edges.append(0) -%}
    {%- for j in range(13) -%}{%- do edges.append(10 ** (j / 2)) -%}{%- endfor -%}
    {%- do edges.append('Infinity') -%}
{%- else -%}
    {{ exceptions.raise_compiler_error("bucket_edges: unknown grid " ~ grid) }}
{%- endif -%}
{%- if grid == 'minutes' -%}
    {%- set minutes = [] -%}
    {%- for edge in edges -%}{%- do minutes.append(edge / 60) -%}{%- endfor -%}
    {{ return(minutes) }}
{%- endif -%}
{{ return(edges) }}
{%- endmacro -%}
