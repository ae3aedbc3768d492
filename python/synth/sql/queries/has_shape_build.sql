-- name: has_shape_build
-- params: schema text
-- returns: has_table boolean, whether a dbt run left shape_build in the schema
select to_regclass(format('%%I.shape_build', %(schema)s::text)) is not null as has_table
