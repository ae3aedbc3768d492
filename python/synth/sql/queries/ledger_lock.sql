-- name: ledger_lock
-- params: none
-- returns: nothing of use; the lock is held until the transaction ends

select pg_advisory_xact_lock(hashtext('prodshape.ledger')) as is_locked
