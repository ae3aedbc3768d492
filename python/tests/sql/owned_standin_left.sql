-- name: owned_standin_left
-- params: none
-- returns: n_rows bigint; fails unless the table and the view are there
select people.n_rows
from public.people
cross join app.precious
