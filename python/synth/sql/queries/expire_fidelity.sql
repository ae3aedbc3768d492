-- name: expire_fidelity
-- params: schema text of the fidelity models
-- returns: statement text: drops each table that dbt made of the comparison with a pack

select format('drop table if exists %%I.%%I cascade', schemaname, tablename) as statement
from pg_catalog.pg_tables
where schemaname = %(schema)s::text and tablename like 'fid\_%%'
order by tablename
