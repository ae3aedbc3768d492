-- name: tablespace_drop
-- params: none
-- returns: nothing
drop tablespace synth_tiny
