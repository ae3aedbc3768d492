-- name: role_limited
-- params: none
-- returns: nothing; a role with two connections, and one that may not make temporary tables
do $$
begin
    execute format('revoke temporary on database %I from public', current_database());
    execute format('grant create on database %I to public', current_database());
end
$$;
create role synth_narrow login connection limit 2;
create role synth_tableless login;
grant all on schema synth to public;
do $$
begin
    execute format('grant temporary on database %I to synth_narrow', current_database());
end
$$;
