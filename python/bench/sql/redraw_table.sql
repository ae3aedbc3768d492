-- name: redraw_table
-- params: none; relation and statement are put in
-- returns: nothing; what dbt does to a table, without dbt
drop table if exists {relation};

create unlogged table {relation} as
{statement}
