-- name: session_is_superuser
-- params: none
-- returns: one row: is_superuser
select current_setting('is_superuser')::boolean as is_superuser
