-- name: slice_drop
-- params: none
-- returns: nothing; one partition of the timeline is gone
drop table {work}.{partition}
