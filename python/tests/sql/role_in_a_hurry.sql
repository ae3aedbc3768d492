-- name: role_in_a_hurry
-- params: none
-- returns: nothing; a role that may make schemas, whose statements and sessions end soon
do $$
begin
    create role synth_hasty login;
    execute format('grant create on database %I to synth_hasty', current_database());
    alter role synth_hasty set statement_timeout = '250ms';
    alter role synth_hasty set lock_timeout = '10ms';
    alter role synth_hasty set idle_session_timeout = '300ms';
    alter role synth_hasty set idle_in_transaction_session_timeout = '100ms';
    alter role synth_hasty set datestyle = 'German';
    if current_setting('server_version_num')::integer >= 170000 then
        alter role synth_hasty set transaction_timeout = '300ms';
    end if;
end
$$
