-- name: map_estimate
-- params: relation, where: SQL of the source mapping
-- returns: the planner's idea of it as JSON; nothing runs

explain (verbose, format json)
select 1 as is_there
from {relation}
as mapped
where ({where}
)
