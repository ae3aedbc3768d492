-- name: scratch_user
-- params: the server and the role; user: a literal; password: a psql variable
-- returns: nothing; how the role of the scratch database logs in on the other server
-- psql writes the password into the statement, so the server is told to keep none.

set local log_statement = 'none';
set local log_min_duration_statement = -1;
set local log_min_error_statement = 'panic';
set local pg_stat_statements.track_utility = 'off';
create user mapping for {role} server {server}
options (user {user}, password {password});
reset log_statement;
reset log_min_duration_statement;
reset log_min_error_statement;
reset pg_stat_statements.track_utility
