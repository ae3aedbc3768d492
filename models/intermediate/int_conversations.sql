with

activity as (

    select * from {{ ref('int_conversations__activity') }}

),

sample_window as (

    select * from {{ ref('int_window') }}

),

activity_hours as (

    select * from {{ ref('int_window__hours') }}

),

bounded as (

    select
        activity.*,
        {{ epoch_seconds('sample_window.window_start') }} as start_epoch,
        {{ epoch_seconds('sample_window.as_of') }} as end_epoch
    from activity
    cross join sample_window

),

placed as (

    select
        *,
        {{ activity_seconds('first_epoch', 'activity_hours') }} as first_activity,
        {{ activity_seconds('last_epoch', 'activity_hours') }} as last_activity,
        {{ activity_seconds('start_epoch', 'activity_hours') }} as start_activity,
        {{ activity_seconds('end_epoch', 'activity_hours') }} as end_activity
    from bounded

),

final as (

    select
        conversation_id,
        conversation_type,
        people_sketch,
        senders_sketch,
        busiest_sketch,
        n_members,
        n_messages,
        n_senders,
        cast(n_busiest_messages as float8) / nullif(n_messages, 0) as busiest_share,
        last_epoch - first_epoch as lifetime_seconds,
        end_epoch - last_epoch as recency_seconds,
        case
            when n_messages > 0
                then least(greatest(coalesce(
                    (first_activity - start_activity)
                    / nullif(greatest(
                        end_activity - start_activity - (last_activity - first_activity), 0
                    ), 0), 0
                ), 0), 1)
        end as start_position_share
    from placed

)

select * from final
