-- name: copy_drop
-- params: none
-- returns: nothing; the copies are gone, and what they took of the server's memory is free
drop schema if exists bench_copy cascade;
