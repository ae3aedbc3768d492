-- name: standin_schema
-- params: schema text
-- returns: one row with is_ours boolean when the schema exists, else none: a stand-in's comment holds
--          the schema's own oid, so that a copy of it says nothing

select
    coalesce(
        obj_description(oid, 'pg_namespace') = format(
            'made by synth standin (oid %%s): invented or public data, safe to drop', oid
        ),
        false
    ) as is_ours
from pg_namespace
where nspname = %(schema)s::text
