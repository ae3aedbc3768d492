-- name: made_define
-- params: made_by, schema text
-- returns: nothing; notes in the ledger what the tables of a run are like, for `made_changes`
update synth.made as made
set definition = concat_ws(' of ', tables.definition, tables.parent_id)
from synth.table_definitions(%(schema)s::text) as tables
where
    made.class_id = 'pg_catalog.pg_class'::regclass
    and made.object_id = tables.table_id
    and made.made_by = %(made_by)s::text
    and made.schema_name = %(schema)s::text
