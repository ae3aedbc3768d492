-- Sessions of this database that belong to dbt or to an extraction.
select count(*) as n
from pg_stat_activity
where datname = current_database() and application_name in ('prodshape', 'synth extract')
