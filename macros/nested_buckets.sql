{#
nested_buckets(relation, k, limit, part)
relation  CTE with entity, metric, segment, bucket_index, cut, holder, n_rows, people_sketch and a
          column that names the segment which holds the same rows (of the same metric by type, or of
          the metric's joint one), rest where none does
k         people a merged bucket needs; 0 merges nothing
limit     largest share of a bucket's rows that one person may hold
part      name of that column
returns   select of entity, metric, segment, bucket_index, group_index: adjacent buckets with one
          group_index (that of their first) are one bucket

What is published of one population must not give a smaller group of people away by subtraction.
1. Segment all is merged until k people are in each bucket, and in each cut of it.
2. Its buckets are the leaves of a binary tree. A segment begins as one bucket, the root, and a
   bucket splits in two where either half has k people or no row: so all segments' buckets nest.
3. What is hidden at a node (segments that did not split so far, and the rest) is what subtraction
   leaves there. It has k people, no one above the limit, or no row; where not, the smallest segment
   does not split either.
4. A segment's own parts split where the segment did.
So whatever sums and differences of published counts leave is a sum of groups of k people.
5. In each step a group that one person holds above the limit falls short like one of too few
   people. What is hidden is measured part by part, from above; where it is above the limit even with
   the smallest segment, no segment splits there. In a sum of groups no one holds more than in the
   worst of them.
#}
{%- macro nested_buckets(relation, k, limit, part='part') -%}
{#- 2^7 leaves; the longest grid has 82 buckets. -#}
{%- set top = 7 -%}
{%- set weight_names = ['n_rows'] -%}
{%- for level in range(top + 1) -%}
    {%- do weight_names.append('top_' ~ level) -%}
{%- endfor -%}
{%- set weights = weight_names | join(', ') -%}
    {%- if k == 0 %}
    select distinct
        entity,
        metric,
        segment,
        bucket_index,
        bucket_index as group_index
    from {{ relation }}
    {%- else %}
    with

    whole as (

        select
            entity,
            metric,
            segment,
            cut as part,
            bucket_index,
            holder,
            n_rows,
            people_sketch
        from {{ relation }}
        where segment = 'all'

    ),

    whole_groups as (

        {{ merged_buckets('whole', k, limit, folds=true) }}

    ),

    leaves as (

        select
            entity,
            metric as family,
            bucket_index,
            group_index,
            cast(dense_rank() over (
                partition by entity, metric order by group_index
            ) - 1 as integer) as position
        from whole_groups

    ),

    -- A number for each segment and part: what follows sorts by numbers.
    series as (

        select
            entity,
            family,
            parent,
            part,
            row_number() over (order by entity, family, parent, part) as series_number
        from (
            select distinct
                entity,
                metric as family,
                segment as parent,
                {{ part }} as part
            from {{ relation }}
        ) as named

    ),

    holdings as (

        select
            series.series_number,
            leaves.position,
            coalesce(cells.holder, 0) as holder,
            cast(sum(cells.n_rows) as float8) as n_rows,
            bit_or(cells.people_sketch) as people_sketch
        from {{ relation }} as cells
        inner join series
            on
                cells.entity = series.entity
                and cells.metric = series.family
                and cells.segment = series.parent
                and cells.{{ part }} = series.part
        inner join leaves
            on
                cells.entity = leaves.entity
                and cells.metric = leaves.family
                and cells.bucket_index = leaves.bucket_index
        group by 1, 2, 3

    ),

    {{ held_leaves(top) }},

    held as (

        select
            series.entity,
            series.family,
            series.parent,
            series.part,
            leaf_rows.position,
            {%- for weight in weight_names %}
            leaf_rows.{{ weight }},
            {%- endfor %}
            leaf_rows.people_sketch
        from leaf_rows
        inner join series using (series_number)

    ),

    {%- for depth in (1, 2) %}
    {%- if depth == 2 %}
    -- Unions and windows in place of joins: the planner knows nothing of these rows and would loop.
    parents as (

        select
            entity,
            family,
            parent,
            part,
            position,
            {{ weights }},
            people_sketch,
            cast(null as integer) as level_number
        from held
        where parent != 'all'

        union all

        select
            entity,
            family,
            part as parent,
            cast(null as text) as part,
            position,
            {%- for weight in weight_names %}
            cast(null as float8) as {{ weight }},
            {%- endfor %}
            cast(null as bigint) as people_sketch,
            level_number
        from settled_1

    ),

    {%- endif %}
    -- A row is a leaf of a segment; its level is that of the bucket it is in, null for none yet.
    state_{{ depth }}_{{ top + 1 }} as materialized (

        {%- if depth == 1 %}
        select
            *,
            0 as parent_level,
            true as is_open,
            cast(null as integer) as level_number
        from held
        where parent = 'all'
        {%- else %}
        select
            entity,
            family,
            parent,
            part,
            position,
            {{ weights }},
            people_sketch,
            parent_level,
            true as is_open,
            cast(null as integer) as level_number
        from (
            select
                *,
                max(level_number) over (
                    partition by entity, family, parent, position
                ) as parent_level
            from parents
        ) as known
        where part is not null and parent_level is not null
        {%- endif %}

    ),

    {%- for level in range(top, -1, -1) %}
    {{ split_nodes(depth, level, k, limit, weights) }},
    {%- endfor %}

    settled_{{ depth }} as (

        select
            entity,
            family,
            parent,
            part,
            position,
            level_number
        from state_{{ depth }}_0
        where level_number is not null

    ),
    {%- endfor %}

    settled as (

        select * from settled_1

        union all

        select * from settled_2

    ),

    segments as (

        select distinct
            entity,
            metric,
            segment,
            {{ bucket_family('metric') }} as family,
            bucket_index
        from {{ relation }}
        where segment != 'all'

    ),

    placed as (

        select
            segments.entity,
            segments.family,
            segments.metric,
            segments.segment,
            segments.bucket_index,
            leaves.position,
            cast(null as integer) as level_number
        from segments
        inner join leaves using (entity, family, bucket_index)

        union all

        select
            entity,
            family,
            cast(null as text) as metric,
            part as segment,
            cast(null as integer) as bucket_index,
            position,
            level_number
        from settled

    ),

    levelled as (

        select
            entity,
            metric,
            segment,
            bucket_index,
            position,
            max(level_number) over (
                partition by entity, family, segment, position
            ) as level_number
        from placed

    )

    select
        entity,
        metric,
        segment,
        bucket_index,
        group_index
    from whole_groups

    union all

    select
        entity,
        metric,
        segment,
        bucket_index,
        min(bucket_index) over (
            partition by entity, metric, segment, position >> level_number, level_number
        ) as group_index
    from levelled
    where bucket_index is not null and level_number is not null
    {%- endif %}
{%- endmacro -%}
