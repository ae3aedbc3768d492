{{ config(pre_hook=without_workers()) }}
with

gaps as (

    select * from {{ ref('int_messages__gaps') }}
    where previous_gap_seconds is not null

),

counted as (

    {{ held_counts(
        'gaps',
        {
            'previous_index': bucket_index('previous_gap_seconds', 'tempo_class'),
            'gap_index': bucket_index('gap_seconds', 'tempo_class'),
        },
        'n_pairs'
    ) }}

),

final as (

    select
        previous_index,
        {{ bucket_lower('gap_index', 'tempo_class') }} as gap_lower_seconds,
        holder,
        n_pairs,
        people_sketch
    from counted

)

select * from final
