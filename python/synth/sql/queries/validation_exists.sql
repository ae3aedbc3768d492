-- name: validation_exists
-- params: none
-- returns: has_validations boolean
select to_regclass('synth.validation') is not null as has_validations
