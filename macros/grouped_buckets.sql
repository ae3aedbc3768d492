{#
grouped_buckets(relation, k, limit)
relation  CTE name with series (text), bucket_index, n_rows, people_sketch and top_rows: one row per
          bucket
k         people that must stand behind a group; 0 leaves every bucket by itself
limit     largest share of a group's rows that one person may hold
returns   a select of series, bucket_index, group_index and last_index (a group's first and last
          bucket) and whether the group is supported. From the last bucket down, buckets are taken
          together until the group is supported; what is left at the lower end joins the group above.
          Rows of the fullest holder add up to an upper bound

Of buckets 1, 2, 3 and 4 with 30, 25, 4 and 3 people apart and k = 20, 4, 3 and 2 are one group.
#}
{%- macro grouped_buckets(relation, k, limit) -%}
{%- if k == 0 -%}
    select
        series,
        bucket_index,
        bucket_index as group_index,
        bucket_index as last_index,
        true as is_supported
    from {{ relation }}
{%- else -%}
    select
        series,
        bucket_index,
        min(bucket_index) over whole as group_index,
        max(bucket_index) over whole as last_index,
        {{ is_supported(
            'sum(n_rows) over whole', 'bit_or(people_sketch) over whole', 'sum(top_rows) over whole',
            k, limit
        ) }} as is_supported
    from (
        with recursive placed as (
            select
                *,
                row_number() over (partition by series order by bucket_index desc) as place
            from {{ relation }}
        ),

        walk as (
            select
                series,
                place,
                bucket_index,
                n_rows,
                people_sketch,
                top_rows,
                1 as group_number,
                cast(n_rows as numeric) as sum_rows,
                people_sketch as sum_sketch,
                cast(top_rows as numeric) as sum_top
            from placed
            where place = 1

            union all

            select
                placed.series,
                placed.place,
                placed.bucket_index,
                placed.n_rows,
                placed.people_sketch,
                placed.top_rows,
                case when walked.is_full then walked.group_number + 1 else walked.group_number end,
                case when walked.is_full then 0 else walked.sum_rows end + placed.n_rows,
                case when walked.is_full then 0 else walked.sum_sketch end | placed.people_sketch,
                case when walked.is_full then 0 else walked.sum_top end + placed.top_rows
            from (
                select
                    *,
                    {{ is_supported('sum_rows', 'sum_sketch', 'sum_top', k, limit) }} as is_full
                from walk
            ) as walked
            inner join placed on walked.series = placed.series and walked.place + 1 = placed.place
        )

        select
            *,
            least(
                group_number,
                max(group_number) filter (
                    where {{ is_supported('sum_rows', 'sum_sketch', 'sum_top', k, limit) }}
                ) over (partition by series)
            ) as joined_number
        from walk
    ) as walked
    window whole as (partition by series, joined_number)
{%- endif -%}
{%- endmacro -%}
