{#
nested_buckets(relation, k, part)
relation  CTE with entity, metric, segment, bucket_index, cut, people_sketch and a column that names
          the segment which holds the same rows (of the same metric by type, or of the metric's
          joint one), rest where none does
k         people a merged bucket needs; 0 merges nothing
part      name of that column
returns   select of entity, metric, segment, bucket_index, group_index: adjacent buckets with one
          group_index (that of their first) are one bucket

What is published of one population must not give a smaller group of people away by subtraction.
1. Segment all is merged until k people are in each bucket, and in each cut of it.
2. Its buckets are the leaves of a binary tree. A segment begins as one bucket, the root, and a
   bucket splits in two where either half has k people or no row: so all segments' buckets nest.
3. What is hidden at a node (segments that did not split so far, and the rest) is what subtraction
   leaves there. It has k people or no row; where not, the smallest segment does not split either.
4. A segment's own parts split where the segment did.
So whatever sums and differences of published counts leave is a sum of groups of k people.
#}
{%- macro nested_buckets(relation, k, part='part') -%}
{#- 2^7 leaves; the longest grid has 82 buckets. -#}
{%- set top = 7 -%}
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
            people_sketch
        from {{ relation }}
        where segment = 'all'

    ),

    whole_groups as (

        {{ merged_buckets('whole', k) }}

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

    gathered as (

        select
            entity,
            metric as family,
            segment as parent,
            {{ part }} as part,
            bucket_index,
            bit_or(people_sketch) as people_sketch
        from {{ relation }}
        group by 1, 2, 3, 4, 5

    ),

    held as (

        select
            gathered.entity,
            gathered.family,
            gathered.parent,
            gathered.part,
            leaves.position,
            bit_or(gathered.people_sketch) as people_sketch
        from gathered
        inner join leaves using (entity, family, bucket_index)
        group by 1, 2, 3, 4, 5

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
            cast(null as bigint) as people_sketch,
            level_number
        from settled_1

    ),

    {%- endif %}
    -- A row is a leaf of a segment; its level is that of the bucket it is in, null for none yet.
    state_{{ depth }}_{{ top + 1 }} as (

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
    {%- set name = depth ~ '_' ~ level %}
    {%- set group = 'entity, family, parent' %}
    node_{{ name }} as (

        select
            *,
            {{ people_count('bit_or(people_sketch) over (partition by ' ~ group
                ~ ', part, position >> ' ~ level ~ ')') }} as n_people
        from state_{{ depth }}_{{ level + 1 }}

    ),

    candidate_{{ name }} as (

        select
            *,
            bool_and(
                is_open
                and part != 'rest'
                and n_people >= {{ k }}
                and parent_level <= {{ level }}
            ) over (partition by {{ group }}, part, position >> {{ level + 1 }}) as may_split
        from node_{{ name }}

    ),

    hidden_{{ name }} as (

        select
            *,
            coalesce(bool_or(not may_split) over hidden, false)
            and {{ people_count(
                'bit_or(people_sketch) filter (where not may_split) over hidden'
            ) }} < {{ k }} as is_short,
            dense_rank() over (
                partition by {{ group }}, position >> {{ level }}, may_split
                order by n_people, part
            ) as thinness
        from candidate_{{ name }}
        window hidden as (partition by {{ group }}, position >> {{ level }})

    ),

    decided_{{ name }} as (

        select
            *,
            may_split
            and not bool_or(is_short and thinness = 1) over (
                partition by {{ group }}, part, position >> {{ level + 1 }}
            ) as is_split
        from hidden_{{ name }}

    ),

    state_{{ name }} as (

        select
            entity,
            family,
            parent,
            part,
            position,
            people_sketch,
            parent_level,
            is_split as is_open,
            case when is_split then {{ level }} else level_number end as level_number
        from decided_{{ name }}

    ),
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
