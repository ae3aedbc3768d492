-- name: run_spills
-- params: run_id text
-- returns: spilled jsonb: bytes of temporary files by stage
select spilled
from synth.run
where run_id = %(run_id)s
