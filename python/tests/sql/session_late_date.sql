-- A date that PostgreSQL has and Python has not.
select date '10000-01-01' as late;
