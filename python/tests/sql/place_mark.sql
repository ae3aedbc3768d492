-- name: place_mark
-- params: none
-- returns: nothing; what the side of production leaves in a database, one after the other, each
--          headed by "mark: what"

-- mark: the shape
create schema figures;
comment on schema figures is 'prodshape: the shape';

-- mark: the views
create schema figures;
comment on schema figures is 'prodshape: the views';

-- mark: the ledger
create schema prodshape_ledger;
comment on schema prodshape_ledger is 'prodshape: the ledger';

-- mark: the key
create schema figures;
comment on schema figures is 'prodshape: the key';
