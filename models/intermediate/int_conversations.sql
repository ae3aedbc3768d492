{%- set k = required_people(var('k_anonymity'), var('boundary_targets'), target.name) -%}
{%- set limit = person_limit(var('dominance_limit'), var('boundary_targets'), target.name) -%}
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

types as (

    select
        conversation_type as label,
        {{ cell_holder('busiest_sketch', limit) }} as holder,
        count(*) as n_rows,
        bit_or(people_sketch) as people_sketch
    from activity
    group by conversation_type, holder

),

labels as (

    {{ published_labels('types', k, limit) }}

),

published_types as (

    select
        activity.conversation_id,
        labels.published_label as conversation_type
    from activity
    inner join labels on activity.conversation_type = labels.label

),

-- Empty conversations of a type are published where enough people are in them, and enough in
-- the others. Where not, an empty one counts as the smallest class next to it: one message by
-- one sender; otherwise total minus histogram would give them away.
empty_support as (

    select
        published_types.conversation_type,
        {{ people_count('bit_or(activity.people_sketch) filter (where activity.n_messages = 0)') }}
        >= {{ k }}
        and {{ people_count(
            'bit_or(activity.people_sketch) filter (where activity.n_messages > 0)'
        ) }} >= {{ k }} as is_empty_published
    from activity
    inner join published_types on activity.conversation_id = published_types.conversation_id
    group by published_types.conversation_type

),

recoded as (

    select
        activity.conversation_id,
        published_types.conversation_type,
        activity.people_sketch,
        activity.n_members,
        activity.n_messages = 0 as is_empty,
        activity.n_messages = 0 and not empty_support.is_empty_published as is_recoded,
        activity.senders_sketch,
        activity.busiest_sketch,
        activity.n_messages,
        activity.n_senders,
        activity.n_busiest_messages,
        activity.first_epoch,
        activity.last_epoch,
        {{ epoch_seconds('sample_window.window_start') }} as start_epoch,
        {{ epoch_seconds('sample_window.as_of') }} as end_epoch
    from activity
    inner join published_types on activity.conversation_id = published_types.conversation_id
    inner join empty_support
        on published_types.conversation_type = empty_support.conversation_type
    cross join sample_window

),

placed as (

    select
        *,
        {{ activity_seconds('first_epoch', 'activity_hours') }} as first_activity,
        {{ activity_seconds('last_epoch', 'activity_hours') }} as last_activity,
        {{ activity_seconds('start_epoch', 'activity_hours') }} as start_activity,
        {{ activity_seconds('end_epoch', 'activity_hours') }} as end_activity
    from recoded

),

final as (

    select
        conversation_id,
        conversation_type,
        is_empty,
        is_recoded,
        people_sketch,
        case when is_recoded then people_sketch else senders_sketch end as senders_sketch,
        case when is_recoded then people_sketch else busiest_sketch end as busiest_sketch,
        n_members,
        case when is_recoded then 1 else n_messages end as n_messages,
        case when is_recoded then 1 else n_senders end as n_senders,
        case
            when is_recoded then 1
            else cast(n_busiest_messages as float8) / nullif(n_messages, 0)
        end as busiest_share,
        case when is_recoded then 0 else last_epoch - first_epoch end as lifetime_seconds,
        case
            when is_recoded then end_epoch - start_epoch
            else end_epoch - last_epoch
        end as recency_seconds,
        case
            when is_recoded then 0
            when n_messages = 0 then null
            else least(greatest(coalesce(
                (first_activity - start_activity)
                / nullif(greatest(
                    end_activity - start_activity - (last_activity - first_activity), 0
                ), 0), 0
            ), 0), 1)
        end as start_position_share
    from placed

)

select * from final
