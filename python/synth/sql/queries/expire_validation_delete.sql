-- name: expire_validation_delete
-- params: name text
-- returns: nothing

delete from synth.validation
where name = %(name)s::text
