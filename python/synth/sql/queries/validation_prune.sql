-- name: validation_prune
-- params: target_schema text, n_kept integer
-- returns: nothing; only the newest validations of the schema stay
delete from synth.validation
where name in (
    select name
    from synth.validation
    where target_schema = %(target_schema)s::text
    order by validated_at desc, name desc
    offset %(n_kept)s::integer
)
