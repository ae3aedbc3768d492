-- name: map_relation
-- params: relation, where: SQL of the source mapping
-- returns: what the server would read for a canonical relation; only described, never run

select 1 as is_there
from {relation}
as mapped
where {where}
