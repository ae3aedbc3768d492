-- name: text_at_drop
-- params: none
-- returns: nothing; drops a run's own function, which another role made, so that it is made anew
drop function {work}.text_at(bytea, integer, integer)
