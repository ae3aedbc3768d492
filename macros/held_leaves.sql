{#
held_leaves(top)
top      height of the tree of nested_buckets, whose CTE holdings is to be there: rows by
         series_number, position (a leaf), holder, with n_rows and people_sketch
returns  CTEs, of which leaf_rows has a row per series and leaf: n_rows, people_sketch, and as top_0,
         top_1, ... the rows of the fullest holder in the leaf's node of each level
#}
{%- macro held_leaves(top) -%}
-- Rows of each holder in the nodes of each level, made of those of the level below.
    holdings_0 as (

        select
            series_number,
            position as node,
            holder,
            n_rows
        from holdings

    ),

    {%- for level in range(1, top + 1) %}
    holdings_{{ level }} as (

        select
            series_number,
            node >> 1 as node,
            holder,
            sum(n_rows) as n_rows
        from holdings_{{ level - 1 }}
        group by 1, 2, 3

    ),

    {%- endfor %}
    node_tops as (

        {%- for level in range(top + 1) %}
        select
            series_number,
            node,
            {{ level }} as level_number,
            {{ top_rows('holder') }} as n_top_rows
        from holdings_{{ level }}
        group by series_number, node
        {%- if not loop.last %}

        union all
        {% endif %}
        {%- endfor %}

    ),

    levels as (

        select level_number from generate_series(0, {{ top }}) as level_number

    ),

    leaf_sums as (

        select
            series_number,
            position,
            sum(n_rows) as n_rows,
            bit_or(people_sketch) as people_sketch
        from holdings
        group by 1, 2

    ),

    -- What the fullest holder has in the leaf's node of each level.
    leaf_rows as (

        select
            leaf_sums.series_number,
            leaf_sums.position,
            leaf_sums.n_rows,
            {%- for level in range(top + 1) %}
            max(node_tops.n_top_rows) filter (where levels.level_number = {{ level }})
                as top_{{ level }},
            {%- endfor %}
            leaf_sums.people_sketch
        from leaf_sums
        cross join levels
        inner join node_tops
            on
                leaf_sums.series_number = node_tops.series_number
                and levels.level_number = node_tops.level_number
                and leaf_sums.position >> levels.level_number = node_tops.node
        group by
            leaf_sums.series_number,
            leaf_sums.position,
            leaf_sums.n_rows,
            leaf_sums.people_sketch

    )
{%- endmacro -%}
