{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
with

gaps as (

    select * from {{ ref('int_messages__gaps') }}
    where gap_seconds is not null

),

conversations as (

    select * from {{ ref('int_conversations__gaps') }}

),

final as (

    select
        conversations.size_index,
        conversations.tempo_index,
        {{ bucket_index('gaps.activity_gap_seconds', 'seconds') }} as activity_index,
        {{ cell_holder(slot_bit('gaps.sender_slot'), limit) }} as holder,
        count(*) as n_gaps,
        bit_or({{ slot_bit('gaps.sender_slot') }}) as people_sketch
    from gaps
    inner join conversations on gaps.conversation_id = conversations.conversation_id
    group by 1, 2, 3, 4

)

select * from final
