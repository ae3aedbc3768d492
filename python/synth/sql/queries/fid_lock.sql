-- name: fid_lock
-- params: none
-- returns: is_held boolean; the lock is kept until the session ends
select pg_try_advisory_lock(hashtext('prodshape.validate')) as is_held
