-- name: fid_chi_square_grid
-- params: statistics float8[], degrees float8[]
-- returns: position, tail probability
select
    point.position,
    synth.chi_square_sf(point.statistic, point.degrees) as tail
from unnest(%(statistics)s::float8 [], %(degrees)s::float8 [])
    with ordinality as point (statistic, degrees, position)
order by point.position
