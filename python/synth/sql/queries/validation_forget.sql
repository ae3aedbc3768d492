-- name: validation_forget
-- params: target_schema text
-- returns: nothing; drops the validations of the schema
delete from synth.validation
where target_schema = %(target_schema)s::text
