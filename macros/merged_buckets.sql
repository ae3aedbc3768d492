{#
merged_buckets(relation, k)
relation  CTE with entity, metric, segment, part, bucket_index, people_sketch; segment all of a
          metric by type holds one row per type (part), other segments have one part
k         people a merged bucket needs; 0 merges nothing
returns   select of entity, metric, segment, bucket_index, group_index: adjacent buckets with one
          group_index (that of their first) are one bucket. Every part of a group has k people, or
          no row at all, so no group minus its other parts shows fewer. A short tail joins its
          predecessor; a segment short as a whole is left out
#}
{%- macro merged_buckets(relation, k) -%}
    {%- if k == 0 %}
    select distinct
        entity,
        metric,
        segment,
        bucket_index,
        bucket_index as group_index
    from {{ relation }}
    {%- else %}
    with recursive bucket_parts as (

        select
            entity,
            metric,
            segment,
            part,
            bucket_index,
            bit_or(people_sketch) as people_sketch
        from {{ relation }}
        group by entity, metric, segment, part, bucket_index

    ),

    -- One column for each part, in one order; null where a bucket has no row of that part.
    ladder as (

        select
            buckets.entity,
            buckets.metric,
            buckets.segment,
            buckets.bucket_index,
            row_number() over (
                partition by buckets.entity, buckets.metric, buckets.segment
                order by buckets.bucket_index
            ) as position,
            array_agg(bucket_parts.people_sketch order by parts.part) as sketches
        from (select distinct entity, metric, segment, bucket_index from bucket_parts) as buckets
        inner join (select distinct entity, metric, segment, part from bucket_parts) as parts
            using (entity, metric, segment)
        left join bucket_parts using (entity, metric, segment, bucket_index, part)
        group by buckets.entity, buckets.metric, buckets.segment, buckets.bucket_index

    ),

    climb as (

        select
            entity,
            metric,
            segment,
            position,
            bucket_index,
            bucket_index as group_index,
            sketches
        from ladder
        where position = 1

        union all

        select
            ladder.entity,
            ladder.metric,
            ladder.segment,
            ladder.position,
            ladder.bucket_index,
            case
                when {{ parts_supported('climb.sketches', k) }} then ladder.bucket_index
                else climb.group_index
            end as group_index,
            case
                when {{ parts_supported('climb.sketches', k) }} then ladder.sketches
                else array(
                    select coalesce(so_far.sketch | next.sketch, so_far.sketch, next.sketch)
                    from unnest(climb.sketches) with ordinality as so_far (sketch, part_number)
                    inner join unnest(ladder.sketches) with ordinality as next (sketch, part_number)
                        on so_far.part_number = next.part_number
                    order by so_far.part_number
                )
            end as sketches
        from climb
        inner join ladder
            on
                climb.entity = ladder.entity
                and climb.metric = ladder.metric
                and climb.segment = ladder.segment
                and climb.position + 1 = ladder.position

    ),

    group_ends as (

        select distinct on (entity, metric, segment, group_index)
            entity,
            metric,
            segment,
            group_index,
            {{ parts_supported('sketches', k) }} as is_supported
        from climb
        order by entity, metric, segment, group_index, position desc

    ),

    -- Only a tail can be short: every group before it was closed because it had enough.
    settled as (

        select
            entity,
            metric,
            segment,
            group_index,
            case
                when is_supported then group_index
                else lag(group_index) over (
                    partition by entity, metric, segment order by group_index
                )
            end as settled_index
        from group_ends

    )

    select
        climb.entity,
        climb.metric,
        climb.segment,
        climb.bucket_index,
        settled.settled_index as group_index
    from climb
    inner join settled using (entity, metric, segment, group_index)
    where settled.settled_index is not null
    {%- endif %}
{%- endmacro -%}
