-- name: session_spill
-- params: megabytes integer
-- returns: one row; the session's temporary files take no more than that from now on
select set_config('temp_file_limit', %(megabytes)s::integer || 'MB', false)
