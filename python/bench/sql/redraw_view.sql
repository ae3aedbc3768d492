-- name: redraw_view
-- params: none; relation and statement are put in
-- returns: nothing; what dbt does to a view, without dbt
create or replace view {relation} as
{statement}
