-- name: owned_schema_back
-- params: none
-- returns: nothing; and its own again
drop schema perf_synthetic;
alter schema keep rename to perf_synthetic;
