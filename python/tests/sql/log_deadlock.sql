-- Takes a lock of two, by number; the statement quotes a row.
select pg_advisory_xact_lock(%(number)s), 'jane.roe@example.org';
