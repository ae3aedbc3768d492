-- params: none
-- returns: tables of schema app, their columns and types in order
select
    table_name,
    array_agg(column_name || ' ' || data_type order by ordinal_position) as columns
from information_schema.columns
where table_schema = 'app'
group by table_name
