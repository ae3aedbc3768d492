-- name: place_grant_ledger
-- params: none
-- returns: nothing; lets another developer read what runs made
grant usage on schema synth to plain;
grant select on synth.made to plain;
