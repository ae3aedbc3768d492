-- Takes effect when the server starts again.
alter system set shared_preload_libraries = 'pg_stat_statements'
