-- name: shape_has_messages
-- params: {schema} of the shape models
-- returns: has_messages boolean, whether any message is in the window

select
    exists(
        select 1
        from {schema}.stg_chat__messages as messages
        inner join {schema}.int_window as window_bounds
            on
                messages.sent_at >= window_bounds.window_start
                and messages.sent_at <= window_bounds.as_of
    ) as has_messages
