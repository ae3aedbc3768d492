-- name: empty_tables
-- params: schema text
-- returns: statement text: drops the constraints and indexes of the six tables, so that views on
--          them (dbt's) live on; foreign keys come first
select statement
from (
    select
        format('alter table %%I.%%I drop constraint %%I', namespace.nspname, class.relname, con.conname)
            as statement,
        case con.contype when 'f' then 1 else 2 end as step
    from pg_catalog.pg_constraint as con
    inner join pg_catalog.pg_class as class on con.conrelid = class.oid
    inner join pg_catalog.pg_namespace as namespace on class.relnamespace = namespace.oid
    where namespace.nspname = %(schema)s and con.contype in ('f', 'p', 'u', 'x')
        -- What a partition has comes and goes with its table's.
        and not class.relispartition

    union all

    select
        format('drop index %%I.%%I', namespace.nspname, class.relname) as statement,
        3 as step
    from pg_catalog.pg_index as ind
    inner join pg_catalog.pg_class as class on ind.indexrelid = class.oid
    inner join pg_catalog.pg_namespace as namespace on class.relnamespace = namespace.oid
    where
        namespace.nspname = %(schema)s
        and not class.relispartition
        and not exists (select from pg_catalog.pg_constraint where conindid = ind.indexrelid)
) as statements
order by step, statement
