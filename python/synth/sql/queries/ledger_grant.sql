-- name: ledger_grant
-- params: the role
-- returns: nothing; lets the role read the ledger and add to it, and nothing else

revoke all on schema prodshape_ledger from {role};
revoke all on table prodshape_ledger.release from {role};
grant usage on schema prodshape_ledger to {role};
grant select, insert on prodshape_ledger.release to {role}
