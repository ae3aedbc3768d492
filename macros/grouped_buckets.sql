{#
grouped_buckets(relation, k, limit, is_full)
relation  CTE name with series (text), bucket_index, n_rows, people_sketch and top_rows: one row per
          bucket
k         people that must stand behind a group; 0 leaves every bucket by itself
limit     largest share of a group's rows that one person may hold
is_full   whether few buckets are likely to be empty, as those of hours
returns   a select of series, bucket_index, group_index and last_index (a group's first and last
          bucket) and whether the group is supported. From the last bucket down, buckets are taken
          together until the group is supported; what is left at the lower end joins the group above.
          Rows of the fullest holder add up to an upper bound

In a differentially private release there is a row, of noise, for buckets that nobody is in, too:
these would hide or widen a group. So a sum that is not above zero is given up, a bucket that is
supported by itself starts a group, and what is left at the lower end is no group. Where few are empty,
buckets are taken together as elsewhere, and what joins a group leaves it supported.

Of buckets 1, 2, 3 and 4 with 30, 25, 4 and 3 people, all different, and k = 20: 4, 3 and 2 are one
group (group_index 2, last_index 4), 1 is a group by itself. With 30, 25, 4 and 3 in the other order,
3, 4, 25 and 30, 4 is a group, 3 is one, and 2 and 1, which fall short together, join 3.
#}
{%- macro grouped_buckets(relation, k, limit, is_full=false) -%}
{%- set is_sparse = is_private() and not is_full -%}
{%- set starts = 'walked.is_full' -%}
{%- if is_sparse -%}
    {%- set starts = '(walked.is_full or walked.sum_rows <= 0 or ' ~ is_supported(
        'placed.n_rows', 'placed.people_sketch', 'placed.top_rows', k, limit
    ) ~ ')' -%}
{%- endif -%}
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
        {%- if is_private() and is_full %}
        bool_or({{ is_supported('sum_rows', 'sum_sketch', 'sum_top', k, limit) }}) over whole
            as is_supported
        {%- else %}
        {{ is_supported(
            'sum(n_rows) over whole', 'bit_or(people_sketch) over whole', 'sum(top_rows) over whole',
            k, limit
        ) }} as is_supported
        {%- endif %}
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
                case when {{ starts }} then walked.group_number + 1 else walked.group_number end,
                case when {{ starts }} then 0 else walked.sum_rows end + placed.n_rows,
                case when {{ starts }} then 0 else walked.sum_sketch end | placed.people_sketch,
                case when {{ starts }} then 0 else walked.sum_top end + placed.top_rows
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
            {%- if is_sparse %}
            group_number as joined_number
            {%- else %}
            least(
                group_number,
                max(group_number) filter (
                    where {{ is_supported('sum_rows', 'sum_sketch', 'sum_top', k, limit) }}
                ) over (partition by series)
            ) as joined_number
            {%- endif %}
        from walk
    ) as walked
    window whole as (partition by series, joined_number)
{%- endif -%}
{%- endmacro -%}
