-- name: generated_layout
-- params: none
-- returns: how the tables of perf_synthetic are laid out
with

relations as (

    select class.*
    from pg_catalog.pg_class as class
    where class.relnamespace = 'perf_synthetic'::regnamespace

)

select
    (
        select array_agg(distinct substr(id::text, 15, 1))
        from (
            select id from perf_synthetic.users
            union all
            select id from perf_synthetic.conversations
            union all
            select id from perf_synthetic.messages
            union all
            select id from perf_synthetic.attachments
        ) as ids
    ) as id_versions,
    (
        select count(*)
        from (
            select "createdAt" < lag("createdAt") over (order by id) as is_earlier
            from perf_synthetic.messages
        ) as steps
        where is_earlier
    ) as n_out_of_order,
    (
        select count(*)
        from pg_catalog.pg_constraint
        where
            contype = 'f'
            and conparentid = 0
            and conrelid in (select oid from relations)
    ) as n_foreign_keys,
    (select count(*) from relations where relkind in ('i', 'I')) as n_indexes,
    (select count(*) from relations where relkind = 'r' and relispartition) as n_partitions,
    (select count(*) from relations where relkind = 'r' and relpersistence = 'u') as n_unlogged
