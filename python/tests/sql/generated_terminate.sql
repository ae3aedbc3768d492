-- name: generated_terminate
-- params: role text: worker (in the midst of a statement) or leader (the session with the lock)
-- returns: n_terminated bigint: sessions of the generator that were ended, one at most
select count(pg_terminate_backend(pid)) as n_terminated
from (
    select activity.pid
    from pg_catalog.pg_stat_activity as activity
    where
        activity.application_name = 'synth generate'
        and activity.datname = current_database()
        and case %(role)s::text
            when 'worker' then activity.state = 'active' and activity.query ilike '%%insert into%%'
            else exists (
                select
                from pg_catalog.pg_locks as held
                where
                    held.pid = activity.pid
                    and held.locktype = 'advisory'
                    and held.mode = 'ExclusiveLock'
            )
        end
    limit 1
) as chosen
