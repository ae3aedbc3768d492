-- name: tablespace_list
-- params: none
-- returns: tablespace, location text (empty: below the data directory)
select
    spcname::text as tablespace,
    pg_tablespace_location(oid) as location
from pg_catalog.pg_tablespace
where spcname <> 'pg_global'
order by spcname
