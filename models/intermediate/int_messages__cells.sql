{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
{#- A hundred thousand cells that would go nowhere. -#}
{%- set is_withheld = k > 0 and 'activity_inter_arrival' in var('withheld_marginals') -%}
with

lengths as (

    select * from {{ ref('int_messages__length_buckets') }}

),

gap_cells as (

    select * from {{ ref('int_messages__gap_cells') }}

),

gap_buckets as (

    select * from {{ ref('int_messages__gap_buckets') }}

),

tempo_classes as (

    select * from {{ ref('int_conversations__tempo_classes') }}

),

size_classes as (

    select * from {{ ref('int_conversations__size_classes') }}

),

conversations as (

    select * from {{ ref('int_conversations__gaps') }}

),

busiest as (

    select * from {{ ref('int_conversations') }}

),

sessions as (

    select * from {{ ref('int_messages__sessions') }}

),

{{ message_labels('lengths', k, limit) }},

typed_lengths as (

    {{ typed_lengths('lengths', 'length_index', 1) }}

),

valued_lengths as (

    select
        *,
        {{ bucket_lower('typed_length', 'characters') }} as lower_characters
    from typed_lengths

),

-- Messages minus gaps are the conversations that have any. Where empty ones are hidden among those
-- of one message, as many gaps are left out of the fullest cells, so that the difference is all.
hidden_empties as (

    select count(*) as n_hidden
    from busiest
    where is_recoded

),

valued_gaps as (

    select
        gap_buckets.holder,
        gap_buckets.people_sketch,
        {{ kept_gaps('gap_buckets.gap_index, gap_buckets.holder') }} as n_gaps,
        {{ bucket_lower('gap_buckets.gap_index', 'seconds') }} as gap_lower_seconds
    from gap_buckets
    cross join hidden_empties

),

published_gaps as (

    select * from valued_gaps
    where n_gaps > 0

),

gap_lowers as (

    select
        gap_cells.*,
        {{ bucket_lower('gap_cells.activity_index', 'seconds') }} as activity_lower_seconds,
        size_classes.size_label
    from gap_cells
    left join size_classes on gap_cells.size_index = size_classes.size_index

),

classed_gaps as (

    select
        gap_lowers.size_label,
        gap_lowers.activity_lower_seconds,
        gap_lowers.holder,
        gap_lowers.people_sketch,
        tempo_classes.segment,
        {{ kept_gaps(
            'gap_lowers.size_index, gap_lowers.tempo_index, gap_lowers.activity_index, '
            ~ 'gap_lowers.holder',
            'tempo_classes.segment is null'
        ) }} as n_gaps
    from gap_lowers
    cross join hidden_empties
    left join tempo_classes
        on
            gap_lowers.size_label = tempo_classes.size_label
            and gap_lowers.tempo_index = tempo_classes.tempo_index

),

bursts as (

    select
        conversations.burstiness,
        conversations.people_sketch,
        busiest.busiest_sketch
    from conversations
    left join busiest on conversations.conversation_id = busiest.conversation_id

),

published_classes as (

    select * from classed_gaps
    where n_gaps > 0

),

segmented_gaps as (

    select * from published_classes
    where segment is not null

),

final as (

    {{ value_cells(
        'valued_lengths', 'messages', 'content_length', 'characters', 'lower_characters',
        'characters', 'people_sketch', segment='published_label', is_by_type=true,
        n_rows='sum(n_messages)', holder='holder'
    ) }}

    union all

    {{ value_cells(
        'published_gaps', 'messages', 'inter_arrival', 'seconds', 'gap_lower_seconds', 'seconds',
        'people_sketch', n_rows='sum(n_gaps)', holder='holder'
    ) }}

    {%- if not is_withheld %}

    union all

    {{ value_cells(
        'published_classes', 'messages', 'activity_inter_arrival', 'seconds', 'activity_lower_seconds',
        'seconds', 'people_sketch', n_rows='sum(n_gaps)', part='segment', holder='holder'
    ) }}
    {%- endif %}

    union all

    {{ value_cells(
        'segmented_gaps', 'messages', 'activity_gap', 'seconds', 'activity_lower_seconds',
        'seconds', 'people_sketch', segment='segment', n_rows='sum(n_gaps)',
        holder='holder'
    ) }}

    union all

    {{ value_cells(
        'bursts', 'messages', 'burstiness_by_conversation', 'coefficient', 'burstiness',
        'coefficient', 'people_sketch', holder=cell_holder('busiest_sketch', limit)
    ) }}

    union all

    {{ value_cells(
        'sessions', 'messages', 'session_size', 'messages', 'n_messages', 'count',
        'people_sketch', n_rows='sum(n_sessions)', holder='holder'
    ) }}

)

select * from final
