-- name: mark_table
-- params: none
-- returns: nothing; a run knows the tables that a run made by this comment, whoever else uses
--          their names
comment on table {schema}.{table} is 'synthetic: made by synth generate'
