{#
merged_buckets(relation, k, limit, folds)
relation  CTE with entity, metric, segment, part, bucket_index, holder, n_rows, people_sketch; parts
          are rows that something published tells apart
k         people a merged bucket needs; 0 merges nothing
limit     largest share of its rows one person may hold
folds     whether a part that falls short everywhere is hidden where it would be published: then
          such parts count as one, with as many of the smallest others as they need together
returns   select of entity, metric, segment, bucket_index, group_index: adjacent buckets with one
          group_index (that of their first) are one bucket. Every part of a group has k people and
          no one above the limit, or no row at all, so no group minus its other parts shows less. A
          tail that falls short takes in as many groups before it as it needs; a segment that falls
          short as a whole is left out
#}
{%- macro merged_buckets(relation, k, limit, folds=false) -%}
    {%- if k == 0 %}
    select distinct
        entity,
        metric,
        segment,
        bucket_index,
        bucket_index as group_index
    from {{ relation }}
    {%- else %}
    with recursive
    {%- if folds %}
    held_parts as (

        select
            entity,
            metric,
            segment,
            part,
            coalesce(holder, 0) as holder,
            sum(n_rows) as n_rows,
            bit_or(people_sketch) as people_sketch
        from {{ relation }}
        group by entity, metric, segment, part, coalesce(holder, 0)

    ),

    whole_parts as (

        select
            entity,
            metric,
            segment,
            part,
            sum(n_rows) as n_rows,
            {{ top_rows('holder') }} as n_top_rows,
            bit_or(people_sketch) as people_sketch,
            {{ people_count('bit_or(people_sketch)') }} >= {{ k }}
            and {{ top_rows('holder') }} <= {{ limit }} * sum(n_rows) as is_supported
        from held_parts
        group by entity, metric, segment, part

    ),

    -- The short ones first, then the others by size: the parts before one are enough together, or
    -- it is folded with them.
    ranked_parts as (

        select
            *,
            bool_or(not is_supported) over (partition by entity, metric, segment) as has_short,
            {{ people_count('coalesce(bit_or(people_sketch) over before_it, 0)') }}
                as n_people_before,
            sum(n_top_rows) over before_it as n_top_before,
            sum(n_rows) over before_it as n_rows_before
        from whole_parts
        window before_it as (
            partition by entity, metric, segment order by is_supported, n_rows, part
            rows between unbounded preceding and 1 preceding
        )

    ),

    folded_parts as (

        select
            entity,
            metric,
            segment,
            part,
            not is_supported
            or (
                has_short
                and (
                    n_people_before < {{ k }}
                    or coalesce(n_top_before > {{ limit }} * n_rows_before, false)
                )
            ) as is_folded
        from ranked_parts

    ),

    told_apart as (

        select
            cells.entity,
            cells.metric,
            cells.segment,
            cells.bucket_index,
            cells.holder,
            cells.n_rows,
            cells.people_sketch,
            case when folded_parts.is_folded then '(folded)' else cells.part end as part
        from {{ relation }} as cells
        inner join folded_parts using (entity, metric, segment, part)

    ),
    {%- endif %}

    holdings as (

        select
            entity,
            metric,
            segment,
            part,
            bucket_index,
            coalesce(holder, 0) as holder,
            cast(sum(n_rows) as bigint) as n_rows,
            bit_or(people_sketch) as people_sketch
        from {{ 'told_apart' if folds else relation }}
        group by entity, metric, segment, part, bucket_index, coalesce(holder, 0)

    ),

    bucket_totals as (

        select
            entity,
            metric,
            segment,
            part,
            bucket_index,
            cast(sum(n_rows) as bigint) as n_rows,
            bit_or(people_sketch) as people_sketch,
            max(array[n_rows, holder]) filter (where holder != 0) as fullest
        from holdings
        group by entity, metric, segment, part, bucket_index

    ),

    -- Who is above the limit in no bucket of a part is above it in no group of them; whoever is can
    -- be but one in each bucket, since the limit is above a half. The others need not be told apart.
    suspects as (

        select distinct
            entity,
            metric,
            segment,
            part,
            fullest[2] as holder
        from bucket_totals
        where fullest[1] > {{ limit }} * n_rows

    ),

    suspect_rows as (

        select holdings.*
        from holdings
        inner join suspects using (entity, metric, segment, part, holder)

    ),

    -- People are counted over all holders, so the sketch stands with nobody's rows.
    counted_rows as (

        select
            entity,
            metric,
            segment,
            part,
            cast(0 as bigint) as holder,
            bucket_index,
            n_rows,
            people_sketch
        from bucket_totals

        union all

        select
            entity,
            metric,
            segment,
            part,
            cast(0 as bigint) as holder,
            bucket_index,
            -n_rows as n_rows,
            cast(0 as bigint) as people_sketch
        from suspect_rows

        union all

        select
            entity,
            metric,
            segment,
            part,
            holder,
            bucket_index,
            n_rows,
            cast(0 as bigint) as people_sketch
        from suspect_rows

    ),

    bucket_parts as (

        select
            entity,
            metric,
            segment,
            part,
            holder,
            bucket_index,
            cast(sum(n_rows) as bigint) as n_rows,
            bit_or(people_sketch) as people_sketch
        from counted_rows
        group by entity, metric, segment, part, holder, bucket_index

    ),

    -- One element for each part and holder, in one order; null where a bucket has no such row.
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
            array_agg(bucket_parts.people_sketch order by parts.part, parts.holder) as sketches,
            array_agg(bucket_parts.n_rows order by parts.part, parts.holder) as row_counts,
            array_agg(parts.part order by parts.part, parts.holder) as parts,
            array_agg(parts.holder order by parts.part, parts.holder) as holders
        from (select distinct entity, metric, segment, bucket_index from bucket_parts) as buckets
        inner join (select distinct entity, metric, segment, part, holder from bucket_parts) as parts
            using (entity, metric, segment)
        left join bucket_parts using (entity, metric, segment, bucket_index, part, holder)
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
            sketches,
            row_counts,
            parts,
            holders,
            {{ parts_supported('ladder', k, limit) }} as is_supported
        from ladder
        where position = 1

        union all

        select
            next.entity,
            next.metric,
            next.segment,
            next.position,
            next.bucket_index,
            next.group_index,
            next.sketches,
            next.row_counts,
            next.parts,
            next.holders,
            {{ parts_supported('next', k, limit) }} as is_supported
        from (
            select
                ladder.entity,
                ladder.metric,
                ladder.segment,
                ladder.position,
                ladder.bucket_index,
                case
                    when climb.is_supported then ladder.bucket_index else climb.group_index
                end as group_index,
                case
                    when climb.is_supported then ladder.sketches
                    else array(
                        select coalesce(cell.so_far | cell.added, cell.so_far, cell.added)
                        from
                            unnest(climb.sketches, ladder.sketches) with ordinality
                                as cell (so_far, added, cell_number)
                        order by cell.cell_number
                    )
                end as sketches,
                case
                    when climb.is_supported then ladder.row_counts
                    else array(
                        select coalesce(cell.so_far + cell.added, cell.so_far, cell.added)
                        from
                            unnest(climb.row_counts, ladder.row_counts) with ordinality
                                as cell (so_far, added, cell_number)
                        order by cell.cell_number
                    )
                end as row_counts,
                ladder.parts,
                ladder.holders
            from climb
            inner join ladder
                on
                    climb.entity = ladder.entity
                    and climb.metric = ladder.metric
                    and climb.segment = ladder.segment
                    and climb.position + 1 = ladder.position
        ) as next

    ),

    group_ends as (

        select distinct on (entity, metric, segment, group_index) *
        from climb
        order by entity, metric, segment, group_index, position desc

    ),

    -- Every group before the tail was closed because it had enough; what from each group on to the
    -- end has together says how far back a short tail must reach.
    onwards as (

        select
            group_ends.entity,
            group_ends.metric,
            group_ends.segment,
            group_ends.group_index,
            cell.part,
            cell.holder,
            bit_or(cell.sketch) over backwards as people_sketch,
            sum(cell.n_rows) over backwards as n_rows
        from group_ends
        cross join lateral unnest(
            group_ends.sketches, group_ends.row_counts, group_ends.parts, group_ends.holders
        ) as cell (sketch, n_rows, part, holder)
        window backwards as (
            partition by
                group_ends.entity,
                group_ends.metric,
                group_ends.segment,
                cell.part,
                cell.holder
            order by group_ends.group_index desc
        )

    ),

    part_tails as (

        select
            entity,
            metric,
            segment,
            group_index,
            {{ people_count('bit_or(people_sketch)') }} >= {{ k }}
            and {{ top_rows('holder') }} <= {{ limit }} * sum(n_rows) as is_supported
        from onwards
        where people_sketch is not null
        group by entity, metric, segment, group_index, part

    ),

    tails as (

        select
            entity,
            metric,
            segment,
            group_index,
            bool_and(is_supported) as is_supported
        from part_tails
        group by entity, metric, segment, group_index

    ),

    settled as (

        select
            entity,
            metric,
            segment,
            group_index,
            least(
                group_index,
                max(group_index) filter (where is_supported) over (
                    partition by entity, metric, segment
                )
            ) as settled_index,
            bool_or(is_supported) over (partition by entity, metric, segment) as is_published
        from tails

    )

    select
        climb.entity,
        climb.metric,
        climb.segment,
        climb.bucket_index,
        settled.settled_index as group_index
    from climb
    inner join settled using (entity, metric, segment, group_index)
    where settled.is_published
    {%- endif %}
{%- endmacro -%}
