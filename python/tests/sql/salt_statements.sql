-- Statements the server remembers, of all databases.
select query from pg_stat_statements
