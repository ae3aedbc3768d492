-- name: map_count
-- params: relation, where: SQL of the source mapping; counts, strangers: lists of counts
-- returns: n_rows bigint, n_values bigint[] and n_strangers bigint[], in the order of the lists

select
    count(*) as n_rows,
    array[{counts}]::bigint[] as n_values,
    array[{strangers}]::bigint[] as n_strangers
from {relation}
as mapped
where ({where}
)
