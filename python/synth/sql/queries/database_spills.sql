-- name: database_spills
-- params: none
-- returns: n_bytes bigint: all temporary files of this database since its statistics began
select coalesce(sum(temp_bytes), 0)::bigint as n_bytes
from pg_catalog.pg_stat_database
where datname = current_database()
