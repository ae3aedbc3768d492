-- name: validation_get
-- params: name text
-- returns: the stored validation
select name, run_id, report, cells, manifest
from synth.validation
where name = %(name)s::text
