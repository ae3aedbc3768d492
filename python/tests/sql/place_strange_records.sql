-- name: place_strange_records
-- params: none
-- returns: nothing; somebody's schema with the name of the one for records
create schema synth;
create table synth.ledger (id bigint);
create function synth.uniform(bigint, bigint) returns float8 language sql return 1;
