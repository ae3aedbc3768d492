-- name: table_definitions
-- params: schema text
-- returns: relation, definition, storage text; is_extended boolean; see the function
select
    relation,
    definition,
    storage,
    is_extended
from synth.table_definitions(%(schema)s::text)
order by table_id
