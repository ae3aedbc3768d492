-- name: hand_over_drop
-- params: none
-- returns: nothing
drop owned by synth_heir cascade;
drop role synth_heir;
