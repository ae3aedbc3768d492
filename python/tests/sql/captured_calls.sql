-- name: captured_calls
-- params: none
-- returns: nothing; functions that fit what a run calls better than the server's own do
create function public.lo_lseek64(integer, integer, integer)
returns bigint
language sql
return 42;
create function public.hashint8extended(integer, bigint)
returns bigint
language sql
return 42;
