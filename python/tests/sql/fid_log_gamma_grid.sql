-- name: fid_log_gamma_grid
-- params: arguments float8[]
-- returns: position, log gamma
select
    point.position,
    synth.log_gamma(point.argument) as log_gamma
from unnest(%(arguments)s::float8 []) with ordinality as point (argument, position)
order by point.position
