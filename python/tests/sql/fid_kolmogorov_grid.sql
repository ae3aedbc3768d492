-- name: fid_kolmogorov_grid
-- params: statistics float8[]
-- returns: position, tail probability
select
    point.position,
    synth.kolmogorov_sf(point.statistic) as tail
from unnest(%(statistics)s::float8 []) with ordinality as point (statistic, position)
order by point.position
