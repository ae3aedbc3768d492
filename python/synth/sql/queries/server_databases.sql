-- name: server_databases
-- params: none
-- returns: name text, n_bytes bigint of every database a user can connect to

select
    datname as name,
    pg_database_size(oid) as n_bytes
from pg_database
where datallowconn and not datistemplate
order by datname
