-- Works on a row for a while.
select pg_sleep(30), 'jane.roe@example.org';
