-- name: fid_refill
-- params: none; the test puts in the model and its compiled statement
-- returns: nothing; what dbt does to the model's table, without dbt
truncate {model};

insert into {model}
{select}
