-- name: settle
-- params: none
-- returns: nothing; a checkpoint
checkpoint;
