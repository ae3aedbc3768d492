-- name: role_in_a_hurry_drop
-- params: none
-- returns: nothing
drop owned by synth_hasty cascade;
drop role synth_hasty;
