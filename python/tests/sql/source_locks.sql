-- Locks that sessions of an extraction hold on the application's tables and indexes.
select distinct locks.mode
from pg_locks as locks
inner join pg_stat_activity as sessions on locks.pid = sessions.pid
inner join pg_class as classes on locks.relation = classes.oid
inner join pg_namespace as namespaces on classes.relnamespace = namespaces.oid
where
    sessions.datname = current_database()
    and sessions.application_name in ('prodshape', 'synth extract', 'synth map', 'synth plan')
    and namespaces.nspname = 'app'
