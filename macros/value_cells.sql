{#
value_cells(relation, entity, metric, unit, value, grid, sketch, segment, is_by_type, n_rows, part,
            cut, holder)
relation    CTE name, one row per observation (or per n_rows equal ones)
entity      entity of the metric
metric      metric of the catalogue
unit        unit of the edges
value       number that falls into a bucket; rows where it is null are left out
grid        name of a grid of bucket_edges
sketch      bigint expression: sketch of the people behind the row
segment     text expression; a type, where is_by_type
is_by_type  whether segment is a type, so that all types together make segment all
n_rows      aggregate that counts the observations
part        text expression: segment of the joint metric that holds the row too; null where none does
cut         text expression: class by other edges than the grid's whose counts are published too
holder      bigint expression: bit of the person whose row it is, see top_rows; null where no one can
            hold many
returns     a select, one row per segment, part, bucket, cut and holder
#}
{%- macro value_cells(
    relation, entity, metric, unit, value, grid, sketch,
    segment="'all'", is_by_type=false, n_rows='count(*)',
    part='null', cut="''", holder='null'
) -%}
    select
        '{{ entity }}' as entity,
        '{{ metric }}' as metric,
        '{{ unit }}' as unit,
        segment,
        {{ is_by_type }} as is_by_type,
        part,
        cut,
        bucket_index,
        {{ bucket_lower('bucket_index', grid) }} as bucket_lower,
        {{ bucket_lower('bucket_index + 1', grid) }} as bucket_upper,
        holder,
        n_rows,
        people_sketch
    from (
        select
            cast({{ segment }} as text) as segment,
            cast({{ part }} as text) as part,
            cast({{ cut }} as text) as cut,
            {{ bucket_index(value, grid) }} as bucket_index,
            cast({{ holder }} as bigint) as holder,
            cast({{ n_rows }} as bigint) as n_rows,
            bit_or({{ sketch }}) as people_sketch
        from {{ relation }}
        where {{ value }} is not null
        group by 1, 2, 3, 4, 5
    ) as counted
{%- endmacro -%}
