-- name: own_oids
-- params: none
-- returns: object_id of each table that synth made
select object_id
from synth.own_objects()
where class_id = 'pg_catalog.pg_class'::regclass
