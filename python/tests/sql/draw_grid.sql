-- name: draw_grid
-- params: stream_numbers, draw_keys bigint[]
-- returns: one row per pair: the server's hash and uniform draw
select
    hashint8extended(draws.stream_no, draws.draw_key) as hashed,
    synth.uniform(draws.stream_no, draws.draw_key) as drawn
from unnest(%(stream_numbers)s::bigint[], %(draw_keys)s::bigint[]) with ordinality
    as draws (stream_no, draw_key, place)
order by draws.place
