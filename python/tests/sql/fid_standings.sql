-- name: fid_standings
-- params: effects float8[], floor, threshold, widest float8; the test puts in the macro's rule
-- returns: what the rule says of each effect, in order
select {rule}
from unnest(%(effects)s::float8[]) with ordinality as given (effect, place)
cross join (
    select
        %(floor)s::float8 as floor,
        %(threshold)s::float8 as threshold,
        %(widest)s::float8 as widest
) as bounds
order by given.place
