{#
published_labels(relation, k, keys)
relation  CTE with the keys, label, n_rows, people_sketch; one row per label
k         people a label needs; 0 publishes every label as it is
keys      columns that tell one set of labels from another
returns   select of keys, label, published_label. Labels without support, and OTHER, become OTHER
          where they reach k together; else they join the largest label, so that nothing published
          differs by them. The fold is used everywhere the label occurs
#}
{%- macro published_labels(relation, k, keys=[]) -%}
{%- set is_small = "(label = 'OTHER' or " ~ people_count('people_sketch') ~ " < " ~ k ~ ")" -%}
{%- set by_key = 'partition by ' ~ (keys | join(', ')) if keys else '' -%}
    select
        {% for key in keys %}{{ key }}, {% endfor %}
        label,
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
    from {{ relation }}
{%- endmacro -%}
