-- name: shape_lock
-- params: schema text, where the shape is built
-- returns: is_locked boolean; the lock is held until the session ends

select pg_try_advisory_lock(hashtext('prodshape.extract'), hashtext(%(schema)s::text)) as is_locked
