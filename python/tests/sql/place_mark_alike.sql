-- name: place_mark_alike
-- params: none
-- returns: nothing; what only begins like a mark of the boundary, or only has its name
create schema talks;
comment on schema talks is 'prodshape: the keynotes of a conference';
create schema prodshape_ledger;
