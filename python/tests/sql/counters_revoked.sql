-- name: counters_revoked
-- params: none
-- returns: nothing; a role that may make schemas, where large objects are not everybody's
revoke execute on function lo_create(oid), lo_lseek64(integer, bigint, integer) from public;
create role synth_hardened login;
do $$
begin
    execute format('grant create on database %I to synth_hardened', current_database());
end
$$
