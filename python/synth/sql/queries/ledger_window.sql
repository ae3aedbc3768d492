-- name: ledger_window
-- params: {schema} of the shape models
-- returns: window_start, window_end timestamptz: what was measured

select
    window_start,
    as_of as window_end
from {schema}.int_window
