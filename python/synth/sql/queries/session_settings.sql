-- name: session_settings
-- params: names text[], values text[] (settings, in this order), path text (null: the session's own)
-- returns: search_path, n_set, messages, process_id; one row
-- Every name is qualified: until this has run, the search path may lead to somebody's functions
-- and operators.

with

asked as (

    select coalesce(
        %(path)s::pg_catalog.text, pg_catalog.current_setting('search_path')
    ) as path

)

select
    pg_catalog.set_config(
        'search_path',
        -- Not listed, pg_catalog comes first by itself; first on the list, new tables go into it.
        case
            when pg_catalog.strpos(pg_catalog.lower(asked.path), 'pg_catalog') operator(pg_catalog.>) 0
                then pg_catalog.concat_ws(', ', 'pg_catalog', asked.path)
            else asked.path
        end,
        false
    ) as search_path,
    (
        select pg_catalog.count(pg_catalog.set_config(wanted.name, wanted.value, false))
        from unnest(
            %(names)s::pg_catalog.text[], %(values)s::pg_catalog.text[]
        ) as wanted (name, value)
    ) as n_set,
    -- Only a superuser may choose the language.
    case
        when pg_catalog.current_setting('is_superuser')::pg_catalog.bool
            then pg_catalog.set_config('lc_messages', 'C', false)
    end as messages,
    pg_catalog.pg_backend_pid() as process_id
from asked
