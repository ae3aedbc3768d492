-- name: owned_schema_aside
-- params: none
-- returns: nothing; a run's schema gets another name
alter schema perf_synthetic rename to keep;
