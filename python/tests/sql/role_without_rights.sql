-- name: role_without_rights
-- params: none
-- returns: nothing; a role that may log in and nothing else
create role synth_nobody login
