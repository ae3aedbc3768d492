-- name: place_strange_function
-- params: none
-- returns: nothing; a function of theirs with the name of one of ours
create schema synth;
create function synth.unit(text) returns float8 language sql return 1;
