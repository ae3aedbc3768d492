-- name: attack_secret
-- params: none
-- returns: secret and window_text: what the noise of the shape in {schema} is drawn with
select
    secrets.secret,
    concat_ws(
        ' ',
        to_char(windows.window_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'),
        to_char(windows.as_of at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'),
        (select sum(cells.cell_key) from {schema}.int_cells as cells)
    ) as window_text
from {schema}.int_secret as secrets
cross join {schema}.int_window as windows
