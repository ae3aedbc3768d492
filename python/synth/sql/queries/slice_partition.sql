-- name: slice_partition
-- params: none; {slice_no} and {partition} composed in
-- returns: nothing; one partition of the timeline
create unlogged table {work}.{partition} partition of {work}.timeline
for values in ({slice_no})
