-- name: boundary_texts
-- params: none
-- returns: relation, content text: everything that dbt and the import made, as text
select
    format('%I.%I', namespace.nspname, class.relname) as relation,
    query_to_xml(
        format('select * from %I.%I', namespace.nspname, class.relname), false, false, ''
    )::text as content
from pg_catalog.pg_class as class
inner join pg_catalog.pg_namespace as namespace on class.relnamespace = namespace.oid
where
    class.relkind in ('r', 'm')
    and namespace.nspname not in (
        'app', 'perf_synthetic', 'synth', 'pg_catalog', 'information_schema', 'pg_toast'
    )
    -- Row-level helpers inside the boundary hold ids and times only and are never exported.
    and class.relname not like 'int\_%'
order by 1
