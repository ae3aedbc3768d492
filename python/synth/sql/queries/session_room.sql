-- name: session_room
-- params: none
-- returns: may_make_temporary boolean; n_free integer: connections that the role and the database
--          may still have, null where neither is limited
select
    has_database_privilege(current_database(), 'TEMPORARY') as may_make_temporary,
    least(
        case when role.rolconnlimit >= 0 then role.rolconnlimit - n_open_by_role end,
        case when base.datconnlimit >= 0 then base.datconnlimit - n_open_here end
    )::integer as n_free
from pg_catalog.pg_roles as role
inner join pg_catalog.pg_database as base
    on role.rolname = current_user and base.datname = current_database()
cross join (
    select
        count(*) filter (where usename = current_user) as n_open_by_role,
        count(*) filter (where datname = current_database()) as n_open_here
    from pg_catalog.pg_stat_activity
) as open_sessions
-- The limits do not hold for them.
where not role.rolsuper
