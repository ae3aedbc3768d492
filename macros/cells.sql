{#
cells(relation, entity, metric, sketch, segment, label, value, grid, holder, n_rows, key)
relation  CTE name, one row per observation (or per n_rows equal ones)
entity    entity of the metric
metric    metric of the catalogue, or one that only figures are made of
sketch    bigint expression: sketch of the people behind the row
segment   text expression
label     text expression: which cell of a metric that has no buckets; rows where it and the value
          are null are left out
value     number that falls into a bucket
grid      name of a grid of bucket_edges
holder    bigint expression: bit of the person whose row it is, see top_rows
n_rows    aggregate that counts the observations
key       bigint expression: whose rows they are, where that is nobody's alone: for the key only
returns   a select, one row per cell and holder, for summed_cells: entity, metric, segment, label,
          bucket_index, bucket_lower, bucket_upper, holder, key, n_rows (exact) and people_sketch

Of conversations whose busiest senders have the bits 1, 1 and 2 and which have 3, 3 and 3 members,
member_count has two rows in the bucket [3, 4): 2 of holder 1 and 1 of holder 2.

summed_cells(relation)
relation  CTE name: selects of cells, one below the other
returns   a select, one row per cell: exact rows, the people behind them, rows of the fullest holder,
          and a key that is a sum over the rows by holder. Cells of the same rows have the same key
          in whatever metric they are, and keys of cells that share no row add up like the rows

The two rows of the example become one: 3 rows, 2 of the fullest holder, and the key
2 * hash(1) + hash(2).
#}
{%- macro cells(
    relation, entity, metric, sketch, segment="'all'", label='null', value=none, grid=none,
    holder='null', n_rows='count(*)', key='holder'
) -%}
{%- set index = bucket_index(value, grid) if grid else 'cast(null as integer)' -%}
    select
        '{{ entity }}' as entity,
        '{{ metric }}' as metric,
        cast({{ segment }} as text) as segment,
        cast({{ label }} as text) as label,
        {{ index }} as bucket_index,
        {{ bucket_lower(index, grid) if grid else 'cast(null as float8)' }} as bucket_lower,
        {{ bucket_lower(index ~ ' + 1', grid) if grid else 'cast(null as float8)' }} as bucket_upper,
        cast({{ holder }} as bigint) as holder,
        cast({{ key if key != 'holder' else holder }} as bigint) as key,
        cast({{ n_rows }} as bigint) as n_rows,
        bit_or({{ sketch }}) as people_sketch
    from {{ relation }}
    where {{ value ~ ' is not null' if grid else label ~ ' is not null' }}
    group by 3, 4, 5, 8, 9
{%- endmacro -%}

{%- macro summed_cells(relation) -%}
    select
        entity,
        metric,
        segment,
        label,
        bucket_index,
        bucket_lower,
        bucket_upper,
        cast(sum(n_rows) as bigint) as n_rows,
        bit_or(people_sketch) as people_sketch,
        cast({{ top_rows('holder') }} as bigint) as top_rows,
        sum(n_rows * (hashint8extended(key, 7) & 2147483647)) as cell_key
    from {{ relation }}
    where n_rows > 0
    group by entity, metric, segment, label, bucket_index, bucket_lower, bucket_upper
{%- endmacro -%}
