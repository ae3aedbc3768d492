{%- set holder = cell_holder('busiest_sketch') -%}
with

conversations as (

    select
        *,
        {{ size_mix_label('n_members') }} as size_mix_label,
        case when n_messages > 0 then 'active' else 'empty' end as state_label
    from {{ ref('int_conversations') }}

),

empties as (

    select * from conversations
    where n_messages = 0

),

active as (

    select
        *,
        row_number() over (order by n_messages desc, conversation_id asc) as size_rank,
        count(*) over () as n_conversations
    from conversations
    where n_messages > 0

),

classes as (

    select * from {{ ref('int_conversations__classes') }}

),

counted as (

    {{ cells('conversations', 'conversations', 'total_count', 'people_sketch', label="'total'",
        holder=holder) }}

    union all

    {{ cells('conversations', 'conversations', 'type_distribution', 'people_sketch',
        label='conversation_type', holder=holder) }}

    union all

    {{ cells('conversations', 'conversations', 'size_mix', 'people_sketch',
        label='size_mix_label', holder=holder) }}

    {#- All types together are cells of their own: the sum of the types' would show what a thin type
        has. #}
    {%- for segment in ["'all'", 'conversation_type'] %}

    union all

    {{ cells('conversations', 'conversations', 'empty_share', 'people_sketch',
        segment=segment, label='state_label', holder=holder) }}

    union all

    {{ cells('conversations', 'conversations', 'member_count', 'people_sketch',
        segment=segment, value='n_members', grid='count', holder=holder) }}

    union all

    {{ cells('active', 'conversations', 'messages_per_conversation', 'people_sketch',
        segment=segment, value='n_messages', grid='size', holder=holder) }}
    {%- endfor %}

    union all

    {{ cells('active', 'conversations', 'heavy_share', 'senders_sketch',
        label="case when n_messages >= " ~ var('heavy_conversation_messages')
        ~ " then 'heavy' else 'light' end", holder=holder) }}

    {%- for percent in var('concentration_shares') %}

    union all

    {{ cells('active', 'conversations', 'concentration', 'senders_sketch',
        label="case when size_rank <= ceil(" ~ percent ~ " * n_conversations / 100.0) "
        ~ "then 'top_" ~ percent ~ "' end", holder=holder, n_rows='sum(n_messages)') }}
    {%- endfor %}

    {%- for metric, value, grid, sketch in [
        ('distinct_senders', 'n_senders', 'count', 'senders_sketch'),
        ('sender_dominance', 'busiest_share', 'share', 'busiest_sketch'),
        ('lifetime', 'lifetime_seconds', 'seconds', 'senders_sketch'),
        ('recency', 'recency_seconds', 'seconds', 'senders_sketch'),
        ('start_position', 'start_position_share', 'position', 'senders_sketch'),
    ] %}

    union all

    {{ cells('active', 'conversations', metric, sketch, value=value, grid=grid, holder=holder) }}
    {%- endfor %}

    {%- for metric, segment, value, grid, sketch in [
        ('members_by_size', 'typed_label', 'n_members', 'count', 'people_sketch'),
        ('senders_by_size', 'typed_label', 'n_senders', 'count', 'senders_sketch'),
        ('dominance_by_size_senders', 'senders_label', 'busiest_share', 'share', 'busiest_sketch'),
        ('tempo', "'all'", 'tempo_seconds', 'tempo_class', 'gap_sketch'),
        ('tempo_by_size', 'size_label', 'tempo_seconds', 'tempo_class', 'gap_sketch'),
    ] %}

    union all

    {{ cells('classes', 'conversations', metric, sketch, segment=segment, value=value, grid=grid,
        holder=holder) }}
    {%- endfor %}

    union all

    {#- Not published: with these, members by size add up to members. #}
    {{ cells('empties', 'conversations', 'members_by_size', 'people_sketch',
        segment="conversation_type || '.empty'", value='n_members', grid='count', holder=holder) }}

    union all

    {{ cells('classes', 'messages', 'burstiness_by_conversation', 'gap_sketch',
        value='burstiness', grid='coefficient', holder=holder) }}

),

final as (

    {{ summed_cells('counted') }}

)

select * from final
