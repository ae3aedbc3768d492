-- name: work_mark_lost
-- params: none
-- returns: nothing; a run that goes on makes its working tables again
delete from {work}.intact
