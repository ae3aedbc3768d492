-- name: session_sort_memory
-- params: megabytes integer
-- returns: one row; memory in which the session sorts an index
select set_config('maintenance_work_mem', %(megabytes)s::integer || 'MB', false)
