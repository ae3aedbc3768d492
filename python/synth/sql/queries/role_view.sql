-- name: role_view
-- params: the views' schema, the view, the key's schema and the role; columns: of mapped; values,
--   relation, where: SQL of the mapping; order_by: a clause or nothing
-- returns: nothing; makes one view of canonical columns, which runs with its owner's rights

drop view if exists {views_schema}.{view};
create view {views_schema}.{view} with (security_barrier = true) as
select
    {columns}
from (
    select
        {values}
    from {relation}
    as mapped
    where ({where}
    )
) as mapped
-- A join and no subquery: parallel workers may sort then. Of one row, as the planner knows.
inner join {key_schema}.pseudonym_key as key on key.is_only{order_by};
grant select on {views_schema}.{view} to {role}
