-- name: baseline_lock
-- params: none
-- returns: nothing; two imports take turns, until the end of the transaction

select pg_advisory_xact_lock(hashtext('prodshape.import'))
