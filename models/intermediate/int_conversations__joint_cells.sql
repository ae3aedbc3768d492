{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

conversations as (

    select * from {{ ref('int_conversations') }}
    where n_messages > 0

),

gaps as (

    select * from {{ ref('int_conversations__gaps') }}

),

size_classes as (

    select * from {{ ref('int_conversations__size_classes') }}

),

sender_classes as (

    select * from {{ ref('int_conversations__sender_classes') }}

),

labelled as (

    {{ sized_conversations('conversations', 'size_classes', 'sender_classes') }}

),

sized_gaps as (

    select
        gaps.*,
        conversations.busiest_sketch,
        size_classes.size_label
    from gaps
    left join conversations on gaps.conversation_id = conversations.conversation_id
    left join size_classes on gaps.size_index = size_classes.size_index

),

final as (

    {{ value_cells(
        'labelled', 'conversations', 'members_by_size', 'members', 'n_members', 'count',
        'people_sketch', segment='typed_label',
        holder=cell_holder('busiest_sketch', limit)
    ) }}

    union all

    {{ value_cells(
        'labelled', 'conversations', 'senders_by_size', 'senders', 'n_senders', 'count',
        'senders_sketch', segment='typed_label',
        holder=cell_holder('busiest_sketch', limit)
    ) }}

    union all

    {{ value_cells(
        'labelled', 'conversations', 'dominance_by_size_senders', 'share', 'busiest_share',
        'share', 'busiest_sketch', segment="size_label || '.' || senders_label",
        holder=cell_holder('busiest_sketch', limit)
    ) }}

    union all

    {{ value_cells(
        'sized_gaps', 'conversations', 'tempo_by_size', 'seconds', 'tempo_seconds', 'tempo_class',
        'people_sketch', segment='size_label', holder=cell_holder('busiest_sketch', limit)
    ) }}

    union all

    {{ value_cells(
        'sized_gaps', 'conversations', 'tempo', 'seconds', 'tempo_seconds', 'tempo_class',
        'people_sketch', part='size_label', holder=cell_holder('busiest_sketch', limit)
    ) }}

)

select * from final
