-- name: place_plain_role
-- params: none
-- returns: nothing; a role that may not ask for the system identifier
do $$
begin
    if not exists (select from pg_roles where rolname = 'plain') then
        create role plain login;
    end if;
end
$$;
revoke execute on function pg_control_system() from public;
