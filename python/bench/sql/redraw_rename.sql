-- name: redraw_rename
-- params: none
-- returns: nothing; makes the generated tables those of an application
alter schema perf_synthetic rename to app
