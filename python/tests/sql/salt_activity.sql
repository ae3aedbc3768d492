-- What any session says of itself.
select query || ' ' || application_name as said from pg_stat_activity
