-- name: role_without_rights_drop
-- params: none
-- returns: nothing
drop role synth_nobody
