-- Rounds of the loops recorded in this database, in order.
select
    round_no,
    is_best
from synth.loop_round
order by finished_at
