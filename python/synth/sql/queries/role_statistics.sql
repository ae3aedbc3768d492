-- name: role_statistics
-- params: the views' schema and the role; columns: rows of canonical and source names
-- returns: nothing; makes a view of the planner's figures of columns, without values
-- A function, because pg_stats shows a caller only what the caller itself may read.

drop view if exists {views_schema}.column_statistics;
create or replace function {views_schema}.read_column_statistics()
returns table (
    relation text,
    column_name text,
    n_distinct real,
    correlation real,
    most_common_freqs real [],
    null_frac real,
    n_rows bigint
)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $function$
select
    declared.relation,
    declared.column_name,
    statistics.n_distinct,
    statistics.correlation,
    statistics.most_common_freqs,
    statistics.null_frac,
    greatest(classes.reltuples, 0)::bigint as n_rows
from (values
    {columns}
) as declared (relation, column_name, source_table, source_column)
inner join pg_class as classes on to_regclass(declared.source_table) = classes.oid
inner join pg_namespace as namespaces on classes.relnamespace = namespaces.oid
inner join pg_attribute as attributes
    on classes.oid = attributes.attrelid and declared.source_column = attributes.attname
inner join pg_stats as statistics
    on
        namespaces.nspname = statistics.schemaname
        and classes.relname = statistics.tablename
        and attributes.attname = statistics.attname
where
    not statistics.inherited
    and (
        -- What the heap may follow, indexed or not.
        declared.column_name = 'sent_at'
        or exists (
            select 1 from pg_index as indexes
            where
                indexes.indrelid = classes.oid
                and attributes.attnum = any(indexes.indkey::smallint [])
        )
    )
$function$;
revoke all on function {views_schema}.read_column_statistics() from public;
grant execute on function {views_schema}.read_column_statistics() to {role};
create view {views_schema}.column_statistics with (security_barrier = true) as
select * from {views_schema}.read_column_statistics();
grant select on {views_schema}.column_statistics to {role}
