-- name: set_lock_timeout
-- params: timeout text
-- returns: one row; until the end of the transaction
select set_config('lock_timeout', %(timeout)s, true)
