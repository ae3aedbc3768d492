-- name: shape_window
-- params: {schema} of the shape models
-- returns: sample_window_days integer, last_day date (UTC)

select
    sample_window_days,
    last_day
from {schema}.shape_window
