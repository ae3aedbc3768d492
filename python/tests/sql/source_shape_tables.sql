select relname from pg_class
where relnamespace = to_regnamespace('shape') and relkind in ('r', 'v')
