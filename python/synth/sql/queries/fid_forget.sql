-- name: fid_forget
-- params: none; schema is the target's
-- returns: nothing; drops an earlier verdict, so that one found later was made since
drop table if exists {schema}.fid_verdict
