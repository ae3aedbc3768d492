-- name: work_is_intact
-- params: none
-- returns: is_intact boolean; false after a server crash emptied the unlogged tables
select exists (select from {work}.intact) as is_intact
