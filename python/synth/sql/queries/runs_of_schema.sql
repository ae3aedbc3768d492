-- name: runs_of_schema
-- params: target_schema text
-- returns: run_id of each run that made tables there, also of those since removed: a schema that was
--          renamed and comes back brings tables of theirs
select run_id
from synth.run
where target_schema = %(target_schema)s::text
