with

places as (

    select 'users' as view, user_id as key, row_number() over () as place
    from shape_source.users
    union all
    select 'conversations', conversation_id, row_number() over ()
    from shape_source.conversations
    union all
    select 'members', conversation_id, row_number() over ()
    from shape_source.members
    union all
    select 'attachments', attachment_id, row_number() over ()
    from shape_source.attachments
    union all
    select 'copied', user_id, row_number() over (order by ctid)
    from shape.stg_chat__users

),

steps as (

    select
        places.view,
        places.key >= lag(places.key, 1, places.key)
            over (partition by places.view order by places.place) as is_up
    from places

)

select
    steps.view,
    bool_and(steps.is_up) as is_ordered
from steps
group by steps.view
order by steps.view = 'copied', steps.view
