-- name: slice_partition
-- params: none; {partition} with its bounds composed in as literals
-- returns: nothing; one partition of the timeline
create unlogged table {work}.{partition} partition of {work}.timeline
for values from ({lower}) to ({upper})
