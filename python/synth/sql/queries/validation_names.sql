-- name: validation_names
-- params: none
-- returns: name of each stored validation, the last one first
select name
from synth.validation
order by validated_at desc, name desc
