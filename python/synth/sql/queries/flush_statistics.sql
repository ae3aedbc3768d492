-- name: flush_statistics
-- params: none
-- returns: one row; before the session's next statement others see what it has counted
--          (PostgreSQL 15 and later)
select pg_stat_force_next_flush()
