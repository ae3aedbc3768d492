select
    secrets.secret,
    concat_ws(
        ' ',
        to_char(windows.window_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'),
        to_char(windows.as_of at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'),
        (select sum(cells.cell_key) from shape.int_cells as cells)
    ) as window_text
from shape.int_secret as secrets
cross join shape.int_window as windows
