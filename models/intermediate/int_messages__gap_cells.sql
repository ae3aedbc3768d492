{{ config(pre_hook=by_hash()) }}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

gaps as (

    select * from {{ ref('int_messages__gaps') }}
    where gap_seconds is not null

),

conversations as (

    select * from {{ ref('int_conversations__gaps') }}

),

placed as (

    select
        conversations.size_index,
        conversations.tempo_index,
        gaps.activity_gap_seconds,
        gaps.sender_slot
    from gaps
    inner join conversations on gaps.conversation_id = conversations.conversation_id

),

final as (

    {{ held_counts(
        'placed',
        {
            'size_index': 'size_index',
            'tempo_index': 'tempo_index',
            'activity_index': bucket_index('activity_gap_seconds', 'seconds'),
        },
        'n_gaps', limit
    ) }}

)

select * from final
