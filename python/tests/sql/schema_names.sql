select nspname as name from pg_namespace
