{#
share_counts(relation, entity, metric, is_part, sketch, segment, label, weight, n_rows, is_hidden,
             holder)
relation   CTE name
entity     entity of the metric
metric     metric of the catalogue
is_part    boolean: whether a row belongs to the part whose share is asked
sketch     bigint: sketch of the people behind the row
segment    text expression
label      text expression, or null
weight     what is shared out: rows, or a number of each row
n_rows     aggregate that counts the observations
is_hidden  boolean: rows that would be in the part, had it support; they are not in it
holder     bigint: bit of the person whose row it is, see top_rows; null where no one can hold many
returns    a select, one row per segment and label: part and whole, the people behind either side
           and the fullest holder's share of it
#}
{%- macro share_counts(
    relation, entity, metric, is_part, sketch,
    segment="'all'", label='null', weight='1', n_rows='count(*)', is_hidden='false',
    holder='null'
) -%}
    select
        entity,
        metric,
        segment,
        label,
        sum(part) as part,
        sum(whole) as whole,
        cast(sum(n_rows) as bigint) as n_rows,
        bit_or(part_sketch) as part_sketch,
        bit_or(rest_sketch) as rest_sketch,
        bool_or(has_hidden) as has_hidden,
        {{ top_share('holder', 'part') }} as part_top_share,
        {{ top_share('holder', '(whole - part)') }} as rest_top_share
    from (
        select
            '{{ entity }}' as entity,
            '{{ metric }}' as metric,
            cast({{ segment }} as text) as segment,
            cast({{ label }} as text) as label,
            cast({{ holder }} as bigint) as holder,
            cast(coalesce(sum({{ weight }}) filter (where {{ is_part }}), 0) as float8) as part,
            cast(sum({{ weight }}) as float8) as whole,
            cast({{ n_rows }} as bigint) as n_rows,
            bit_or({{ sketch }}) filter (where {{ is_part }}) as part_sketch,
            bit_or({{ sketch }}) filter (where ({{ is_part }}) is not true) as rest_sketch,
            bool_or({{ is_hidden }}) as has_hidden
        from {{ relation }}
        group by 1, 2, 3, 4, 5
    ) as counted
    group by entity, metric, segment, label
{%- endmacro -%}
