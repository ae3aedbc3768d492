-- name: role_view
-- params: the views' schema, the view and the role; columns, relation, where: SQL of the mapping
-- returns: nothing; makes one view of canonical columns, which runs with its owner's rights

drop view if exists {views_schema}.{view};
create view {views_schema}.{view} with (security_barrier = true) as
select
    {columns}
from {relation} as mapped
where {where};
grant select on {views_schema}.{view} to {role}
