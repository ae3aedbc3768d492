-- name: prebuilt_drop_app
-- params: none
-- returns: nothing; the empty application goes, and what reads it
drop schema app cascade
