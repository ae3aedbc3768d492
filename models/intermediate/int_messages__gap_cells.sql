{{ config(pre_hook=by_hash()) }}
with

gaps as (

    select * from {{ ref('int_messages__gaps') }}
    where gap_seconds is not null

),

conversations as (

    select * from {{ ref('int_conversations__classes') }}
    where tempo_label is not null

),

-- By number, since labels are compared more slowly.
numbered as (

    select
        conversation_id,
        tempo_label,
        dense_rank() over (order by tempo_label) as tempo_number
    from conversations

),

labels as (

    select distinct
        tempo_number,
        tempo_label
    from numbered

),

placed as (

    select
        conversations.tempo_number,
        gaps.activity_gap_seconds,
        gaps.sender_slot
    from gaps
    inner join numbered as conversations on gaps.conversation_id = conversations.conversation_id

),

counted as (

    {{ held_counts(
        'placed',
        {
            'tempo_number': 'tempo_number',
            'activity_index': bucket_index('activity_gap_seconds', 'seconds'),
        },
        'n_gaps'
    ) }}

),

final as (

    select
        labels.tempo_label,
        {{ bucket_lower('counted.activity_index', 'seconds') }} as activity_lower_seconds,
        counted.holder,
        counted.n_gaps,
        counted.people_sketch
    from counted
    inner join labels on counted.tempo_number = labels.tempo_number

)

select * from final
