-- name: tablespace_create
-- params: {location} a directory of the server's user
-- returns: nothing
create tablespace synth_tiny location {location}
