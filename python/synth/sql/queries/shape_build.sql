-- name: shape_build
-- params: {schema} of the shape models; target_name text
-- returns: invocation_id text; gates, lacking, relations text[]: what the last dbt run did
select
    invocation_id,
    gates,
    lacking,
    relations
from {schema}.shape_build
where target_name = %(target_name)s::text
