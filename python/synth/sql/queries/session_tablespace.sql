-- name: session_tablespace
-- params: tablespace text
-- returns: one row; what the session makes from now on goes there, spilled sorts included
select
    set_config('default_tablespace', %(tablespace)s, false),
    set_config('temp_tablespaces', quote_ident(%(tablespace)s), false)
