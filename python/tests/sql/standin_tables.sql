-- params: none
-- returns: tables of schema app
select tablename as name from pg_tables where schemaname = 'app'
