-- name: redraw_drop
-- params: none; the benchmark's own database
-- returns: nothing
drop database if exists redraw_source
