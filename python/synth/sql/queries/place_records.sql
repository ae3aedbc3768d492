-- name: place_records
-- params: functions text[]: names of those that synth installs
-- returns: has_ledger, has_runs, has_functions boolean: schema synth holds the ledger, the record of
--          runs, the function that reads the ledger; strange text[]: what else it holds than functions
--          of these names
select
    to_regclass('synth.made') is not null as has_ledger,
    to_regprocedure('synth.own_objects()') is not null as has_functions,
    to_regclass('synth.run') is not null
    and exists (
        select from pg_catalog.pg_attribute
        where attrelid = to_regclass('synth.run') and attname = 'spec_sha256'
    ) as has_runs,
    array(
        select class.relname::text
        from pg_catalog.pg_class as class
        where
            class.relnamespace = to_regnamespace('synth')
            and class.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        union all
        select proc.proname::text
        from pg_catalog.pg_proc as proc
        where
            proc.pronamespace = to_regnamespace('synth')
            and not proc.proname = any(%(functions)s::text [])
        order by 1
    ) as strange
