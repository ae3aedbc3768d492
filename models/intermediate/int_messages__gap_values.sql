{{ config(pre_hook=without_workers()) }}
with

gaps as (

    select * from {{ ref('int_messages__gaps') }}
    where gap_seconds is not null

),

steps as (

    select * from {{ ref('int_second_steps') }}

),

counted as (

    {{ held_counts(
        'gaps', {'step_index': 'width_bucket(gap_seconds, ' ~ second_steps('steps') ~ ')'},
        'n_gaps'
    ) }}

),

final as (

    select
        steps.bucket_index as gap_index,
        steps.kept_seconds as gap_kept_seconds,
        counted.holder,
        counted.n_gaps,
        counted.people_sketch
    from counted
    inner join steps on counted.step_index = steps.step_index

)

select * from final
