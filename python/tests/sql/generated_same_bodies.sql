-- name: generated_same_bodies
-- params: none
-- returns: n_bodies, n_different: messages of perf_synthetic against those of schema plain, in
--          the order of their times
select
    count(*) as n_bodies,
    count(*) filter (where found.bodies is distinct from wanted.bodies) as n_different
from (
    select
        row_number() over (order by "createdAt", content) as number,
        (content, type, "createdAt") as bodies
    from perf_synthetic.messages
) as found
full outer join (
    select
        row_number() over (order by "createdAt", content) as number,
        (content, type, "createdAt") as bodies
    from plain.messages
) as wanted on found.number = wanted.number
