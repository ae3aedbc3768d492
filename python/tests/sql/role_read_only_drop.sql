-- name: role_read_only_drop
-- params: none
-- returns: nothing
drop role synth_reader
