-- name: attack_secret
-- params: none
-- returns: secret and window_text: what the noise of the shape in {schema} is drawn with
select
    secrets.secret,
    windows.window_start || ' ' || windows.as_of as window_text
from {schema}.int_secret as secrets
cross join {schema}.int_window as windows
