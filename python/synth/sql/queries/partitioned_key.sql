-- name: partitioned_key
-- params: none
-- returns: nothing; a key of a partitioned table must hold what it is partitioned by
alter table {schema}.messages add constraint messages_pkey primary key (id, "createdAt")
