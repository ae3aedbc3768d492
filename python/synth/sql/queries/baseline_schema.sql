-- name: baseline_schema
-- params: none
-- returns: is_there boolean, note text: the comment that marks the schema as ours

select
    to_regnamespace('shape_baseline') is not null as is_there,
    obj_description(to_regnamespace('shape_baseline')::oid, 'pg_namespace') as note
