-- name: mark_made
-- params: made_by, mark, schema text; relations, functions text[]; is_schema_ours boolean
-- returns: n_marked integer; see the function
select synth.mark_made(
    %(made_by)s::text, %(mark)s::text, %(schema)s::text, %(relations)s::text [],
    %(functions)s::text [], %(is_schema_ours)s::boolean
) as n_marked
