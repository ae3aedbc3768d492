-- name: synth.table_definitions
-- returns: one row for each table of a schema and each partition of one, wherever it is: its oid,
--          the table it is or is a part of, what of it decides the rows of a run, how it is stored,
--          whether it has what no run makes, and what it is a partition of. Keys and indexes do not
--          count.
create or replace function synth.table_definitions(p_schema text)
returns table (
    table_id oid, relation text, definition text, storage text, is_extended boolean, parent_id oid
)
language sql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
select
    class.oid as table_id,
    coalesce(parent.relname, class.relname)::text as relation,
    concat_ws(
        ' ',
        (
            -- Those of a primary key stay `not null` without it, and are never null anyway.
            select
                string_agg(
                    concat_ws(
                        ' ',
                        quote_ident(attname),
                        atttypid,
                        atttypmod,
                        attcollation,
                        attidentity,
                        atthasdef,
                        attnotnull and attname !~ '(^i|I)d$' and attname <> 'createdAt'
                    ),
                    ', ' order by attnum
                )
            from pg_attribute
            where attrelid = class.oid and attnum > 0 and not attisdropped
        ),
        class.relrowsecurity,
        class.relforcerowsecurity
    ) as definition,
    concat_ws(' ', class.relpersistence, class.reltablespace, class.reloptions) as storage,
    -- Triggers, rules, checks and parents: no run makes any. Constraints of a partition alone cannot
    -- be dropped with its table's.
    exists (
        select from pg_trigger
        where tgrelid = class.oid and not tgisinternal
    )
    or exists (
        select from pg_rewrite
        where ev_class = class.oid
    )
    or exists (
        select from pg_constraint
        where
            conrelid = class.oid
            and (
                contype = 'c'
                or (class.relispartition and contype in ('p', 'u', 'x', 'f') and conparentid = 0)
            )
    )
    or exists (
        select from pg_inherits
        where inhrelid = class.oid and not class.relispartition
    ) as is_extended,
    link.inhparent as parent_id
from pg_class as class
left join pg_inherits as link
    on class.oid = link.inhrelid and class.relispartition
left join pg_class as parent on link.inhparent = parent.oid
inner join pg_namespace as namespace
    on coalesce(parent.relnamespace, class.relnamespace) = namespace.oid
where class.relkind in ('r', 'p') and namespace.nspname = p_schema
$$;
