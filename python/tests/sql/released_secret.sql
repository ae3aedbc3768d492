select
    secret.secret,
    to_char(win.window_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') as window_start,
    to_char(win.as_of at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') as window_end
from shape.int_secret as secret
cross join shape.int_window as win
