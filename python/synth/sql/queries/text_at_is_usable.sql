-- name: text_at_is_usable
-- params: work text (schema)
-- returns: one row: whether the role may call the text_at that is there
select
    coalesce(
        has_function_privilege(
            to_regprocedure(
                format('%%I.text_at(bytea, integer, integer)', %(work)s::text)
            ),
            'execute'
        ),
        false
    ) as is_usable
