-- name: session_tablespace
-- params: tablespace text
-- returns: one row; what the session makes from now on goes there, spilled sorts included. The
--          database's own must not be named: the server refuses that for partitioned tables
select
    set_config(
        'default_tablespace',
        case when own.spcname = %(tablespace)s then '' else %(tablespace)s end,
        false
    ),
    set_config('temp_tablespaces', quote_ident(%(tablespace)s), false)
from pg_catalog.pg_database as here
inner join pg_catalog.pg_tablespace as own on here.dattablespace = own.oid
where here.datname = current_database()
