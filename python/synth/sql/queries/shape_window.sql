-- name: shape_window
-- params: {schema} of the shape models
-- returns: as_of date (UTC), window_days float8, both null where the source holds no message;
--          has_messages boolean

select
    (window_bounds.as_of at time zone 'UTC')::date as as_of,
    window_bounds.window_days,
    exists(
        select 1
        from {schema}.stg_chat__messages as messages
        where
            messages.sent_at >= window_bounds.window_start
            and messages.sent_at <= window_bounds.as_of
    ) as has_messages
from {schema}.int_window as window_bounds
