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
returns   a select, one row per cell: exact rows, the people behind them, rows of the fullest holder,
          and a key that is a sum over the rows by holder. Cells of the same rows have the same key
          in whatever metric they stand, and keys of cells that share no row add up like the rows
#}
{%- macro cells(
    relation, entity, metric, sketch, segment="'all'", label='null', value=none, grid=none,
    holder='null', n_rows='count(*)', key='holder'
) -%}
    select
        '{{ entity }}' as entity,
        '{{ metric }}' as metric,
        segment,
        label,
        bucket_index,
        {{ bucket_lower('bucket_index', grid) if grid else 'cast(null as float8)' }} as bucket_lower,
        {{ bucket_lower('bucket_index + 1', grid) if grid else 'cast(null as float8)' }}
            as bucket_upper,
        cast(sum(n_rows) as bigint) as n_rows,
        bit_or(people_sketch) as people_sketch,
        cast({{ top_rows('holder') }} as bigint) as top_rows,
        sum(n_rows * (hashint8extended(key, 7) & 2147483647)) as cell_key
    from (
        select
            cast({{ segment }} as text) as segment,
            cast({{ label }} as text) as label,
            {{ bucket_index(value, grid) if grid else 'cast(null as integer)' }} as bucket_index,
            cast({{ holder }} as bigint) as holder,
            cast({{ key if key != 'holder' else holder }} as bigint) as key,
            cast({{ n_rows }} as bigint) as n_rows,
            bit_or({{ sketch }}) as people_sketch
        from {{ relation }}
        where {{ value ~ ' is not null' if grid else label ~ ' is not null' }}
        group by 1, 2, 3, 4, 5
    ) as counted
    where n_rows > 0
    group by segment, label, bucket_index
{%- endmacro -%}
