-- name: same_tables
-- params: schema, other text
-- returns: is_same boolean: the tables of the first schema, partitions among them, are as those of
--          the other, which are not partitioned; keys and indexes do not count
with

tables as (

    select
        class.oid,
        namespace.nspname as schema_name,
        class.relispartition,
        coalesce(parent.relname, class.relname) as relation,
        concat_ws(
            ' ',
            class.relpersistence,
            class.reltablespace,
            class.relrowsecurity,
            class.relforcerowsecurity,
            class.reloptions
        ) as properties
    from pg_catalog.pg_class as class
    left join pg_catalog.pg_inherits as link
        on class.oid = link.inhrelid and class.relispartition
    left join pg_catalog.pg_class as parent on link.inhparent = parent.oid
    inner join pg_catalog.pg_namespace as namespace
        on coalesce(parent.relnamespace, class.relnamespace) = namespace.oid
    where class.relkind in ('r', 'p') and namespace.nspname in (%(schema)s, %(other)s)

),

described as (

    select
        tables.*,
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
            from pg_catalog.pg_attribute
            where attrelid = tables.oid and attnum > 0 and not attisdropped
        ) as columns,
        -- Triggers, rules, checks and parents: no run makes any. Constraints of a
        -- partition alone cannot be dropped with its table's.
        exists (
            select from pg_catalog.pg_trigger
            where tgrelid = tables.oid and not tgisinternal
        )
        or exists (
            select from pg_catalog.pg_rewrite
            where ev_class = tables.oid
        )
        or exists (
            select from pg_catalog.pg_constraint
            where
                conrelid = tables.oid
                and (
                    contype = 'c'
                    or (tables.relispartition and contype in ('p', 'u', 'x', 'f') and conparentid = 0)
                )
        )
        or exists (
            select from pg_catalog.pg_inherits
            where inhrelid = tables.oid and not tables.relispartition
        ) as is_extended
    from tables

)

select
    not exists (
        select
        from described as found
        left join described as wanted
            on
                found.relation = wanted.relation
                and found.properties = wanted.properties
                and found.columns = wanted.columns
                and wanted.schema_name = %(other)s
        where found.schema_name = %(schema)s and (wanted.oid is null or found.is_extended)
    ) as is_same
