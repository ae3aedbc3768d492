-- name: place_strange_made
-- params: none
-- returns: nothing; a table of theirs with the name of the ledger
create schema synth;
create table synth.made (x integer);
