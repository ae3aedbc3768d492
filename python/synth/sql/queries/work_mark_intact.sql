-- name: work_mark_intact
-- params: none
-- returns: nothing
insert into {work}.intact values (true)
