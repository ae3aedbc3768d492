-- name: shape_models
-- params: schema text
-- returns: model text: the tables of the shape that hold metrics, shape_metrics itself left out

select columns.table_name::text as model
from information_schema.columns as columns
where
    columns.table_schema = %(schema)s::text
    and columns.table_name like 'shape\_%%'
    and columns.table_name <> 'shape_metrics'
    and columns.column_name in ('entity', 'metric', 'kind')
group by columns.table_name
having count(*) = 3
order by columns.table_name
