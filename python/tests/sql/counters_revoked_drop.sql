-- name: counters_revoked_drop
-- params: none
-- returns: nothing
grant execute on function lo_create(oid), lo_lseek64(integer, bigint, integer) to public;
drop owned by synth_hardened cascade;
drop role synth_hardened;
