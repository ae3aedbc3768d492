{#
published_labels(relation, k, limit, keys)
relation  CTE with the keys, label, holder, n_rows, people_sketch; one row per label and holder
k         people a label needs; 0 publishes every label as it is
limit     largest share of its rows one person may hold
keys      columns that tell one set of labels from another
returns   select of keys, label, published_label. Labels without support, and OTHER, become OTHER
          where they reach k together; else they join the largest label, so that nothing published
          differs by them. The fold is used everywhere the label occurs. A fold may still be above
          the limit: whoever publishes it looks again
#}
{%- macro published_labels(relation, k, limit, keys=[]) -%}
{%- set is_small = "(label = 'OTHER' or " ~ people_count('people_sketch') ~ " < " ~ k
    ~ " or n_top_rows > " ~ limit ~ " * n_rows)" -%}
{%- set by_key = 'partition by ' ~ (keys | join(', ')) if keys else '' -%}
{%- set columns = (keys + ['label']) | join(', ') -%}
    select
        {{ columns }},
        {%- if k == 0 %}
        label as published_label
        {%- else %}
        case
            when not {{ is_small }} then label
            when {{ people_count(
                'bit_or(people_sketch) filter (where ' ~ is_small ~ ') over (' ~ by_key ~ ')'
            ) }} >= {{ k }} then 'OTHER'
            else coalesce(
                (array_agg(label) filter (where not {{ is_small }}) over (
                    {{ by_key }}
                    order by n_rows desc, label
                    rows between unbounded preceding and unbounded following
                ))[1],
                'OTHER'
            )
        end as published_label
        {%- endif %}
    from (
        select
            {{ columns }},
            sum(n_rows) as n_rows,
            {{ top_rows('holder') }} as n_top_rows,
            bit_or(people_sketch) as people_sketch
        from {{ relation }}
        group by {{ columns }}
    ) as labelled
{%- endmacro -%}
