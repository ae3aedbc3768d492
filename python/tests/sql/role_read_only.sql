-- name: role_read_only
-- params: none
-- returns: nothing; a role that may do all and by default only reads
create role synth_reader login superuser;
alter role synth_reader set default_transaction_read_only = on;
