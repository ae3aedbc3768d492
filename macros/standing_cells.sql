{#
standing_cells(relation)
relation  int_released of a differentially private release
returns   a select of its cells of buckets that stand out of their noise, of the metrics and segments
          of which they are vars.dp_covered of all rows: in a bucket far out, noise would outweigh
          every moment, and a few peaks have moments of their own
#}
{%- macro standing_cells(relation) -%}
    select *
    from (
        select
            *,
            sum(case when is_standing then rows_released else 0 end) over series
            >= {{ var('dp_covered') }} * sum(rows_released) over series as is_covered
        from (
            select
                *,
                {{ is_supported('n_rows', 'people_sketch', 'top_rows', 1, 1) }} as is_standing
            from {{ relation }}
            where bucket_index is not null
        ) as cells
        window series as (partition by entity, metric, segment)
    ) as series
    where is_standing and is_covered
{%- endmacro -%}
