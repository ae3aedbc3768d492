-- name: scratch_table
-- params: the server, the role, the views' schema, the view; columns: names and types
-- returns: nothing; makes one foreign table for a view of the role

create foreign table {views_schema}.{view} (
    {columns}
) server {server};
grant select on {views_schema}.{view} to {role}
