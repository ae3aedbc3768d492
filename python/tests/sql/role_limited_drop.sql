-- name: role_limited_drop
-- params: none
-- returns: nothing
drop owned by synth_narrow, synth_tableless cascade;
drop role synth_narrow, synth_tableless;
