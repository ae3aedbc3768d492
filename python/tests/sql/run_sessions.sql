-- name: run_sessions
-- params: none
-- returns: n_sessions bigint: other sessions of the generator in this database
select count(*) as n_sessions
from pg_catalog.pg_stat_activity
where
    application_name = 'synth generate'
    and datname = current_database()
    and pid <> pg_backend_pid()
