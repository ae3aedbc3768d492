{#- Classes may not depend on exact support where the release is differentially private. -#}
{%- set k = 0 if is_private() else required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

conversations as (

    select * from {{ ref('int_conversations') }}
    where n_messages > 0

),

counted as (

    {{ cells(
        'conversations', 'conversations', 'size_class', 'senders_sketch',
        segment='conversation_type', value='n_messages', grid='size_class',
        holder=cell_holder('busiest_sketch')
    ) }}

),

typed as (

    {{ summed_cells('counted') }}

),

-- Sizes of all types together, and of each type by itself.
series as (

    select
        series.series,
        typed.bucket_index,
        sum(typed.n_rows) as n_rows,
        bit_or(typed.people_sketch) as people_sketch,
        sum(typed.top_rows) as top_rows
    from typed
    cross join lateral (values ('all'), (typed.segment)) as series (series)
    group by 1, 2

),

grouped as (

    {{ grouped_buckets('series', k, limit) }}

),

final as (

    select
        series as conversation_type,
        bucket_index as size_index,
        {{ class_label('size', 'group_index', 'last_index', 'size_class') }} as size_label
    from grouped

)

select * from final
