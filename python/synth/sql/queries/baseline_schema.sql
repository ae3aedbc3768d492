-- name: baseline_schema
-- params: none
-- returns: is_there boolean, note text: the comment that marks the schema as ours, has_pack boolean

select
    to_regnamespace('shape_baseline') is not null as is_there,
    to_regclass('shape_baseline.pack_meta') is not null as has_pack,
    obj_description(to_regnamespace('shape_baseline')::oid, 'pg_namespace') as note
