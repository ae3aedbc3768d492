-- name: baseline_schema
-- params: none
-- returns: has_pack boolean: the table of an imported pack is there, whoever made it

select to_regclass('shape_baseline.pack_meta') is not null as has_pack
